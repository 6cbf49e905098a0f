resource "terraform_data" "given" {
  input = { text = "later", parts = ["a"] }
}

data "conformance_echo" "this" {
  text  = terraform_data.given.output.text
  input = terraform_data.given.output
  parts = [for part in terraform_data.given.output.parts : { name = part }]
}

output "upper" {
  value = data.conformance_echo.this.upper
}

check "upper" {
  assert {
    condition     = data.conformance_echo.this.upper == "LATER"
    error_message = "It is not in capitals."
  }
}
