resource "terraform_data" "given" {
  input = "nothing"
}

data "conformance_echo" "this" {
  text = terraform_data.given.output
}
