resource "terraform_data" "given" {
  input = ["x", "y"]
}

resource "conformance_thing" "whole" {
  name   = "whole"
  lines  = terraform_data.given.output
  tags   = terraform_data.given.output
  stages = terraform_data.given.output
  labels = { for value in terraform_data.given.output : value => value }
}

resource "conformance_thing" "part" {
  name   = "part"
  lines  = ["a", terraform_data.given.id == "" ? "b" : "c", "d"]
  tags   = ["a", terraform_data.given.id == "" ? "b" : "c"]
  labels = { a = terraform_data.given.id == "" ? "b" : "c", b = "known" }
}
