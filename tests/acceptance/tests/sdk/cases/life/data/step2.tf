data "conformance_echo" "this" {
  text  = "other"
  input = toset(["b", "a"])
}

output "region" {
  value = data.conformance_echo.this.region
}

output "all" {
  value = data.conformance_echo.this
}
