resource "terraform_data" "given" {
  input = "large"
}

resource "conformance_thing" "this" {
  name = "unknown"
  size = terraform_data.given.output
}

resource "conformance_thing" "wrong" {
  name = ""
  size = terraform_data.given.output
}
