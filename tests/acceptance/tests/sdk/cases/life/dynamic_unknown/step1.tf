resource "terraform_data" "given" {
  input = { a = 1 }
}

resource "conformance_thing" "whole" {
  name  = "whole"
  extra = terraform_data.given.output
}

resource "conformance_thing" "typed" {
  name  = "typed"
  extra = terraform_data.given.id
}

resource "conformance_thing" "part" {
  name  = "part"
  extra = { known = 1, unknown = terraform_data.given.output }
}

resource "conformance_thing" "null" {
  name  = "null"
  extra = tostring(null)
}
