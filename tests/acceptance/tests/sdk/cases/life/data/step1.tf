data "conformance_echo" "this" {
  text  = "text"
  input = { a = [1, "b", null] }
  parts = [{ name = "one" }, { name = "three" }]
}

data "conformance_echo" "empty" {}

data "conformance_echo" "null" {
  input = tonumber(null)
  parts = []
}

output "region" {
  value = data.conformance_echo.this.region
}

output "all" {
  value = data.conformance_echo.this
}
