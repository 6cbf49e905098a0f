resource "conformance_identified" "this" {
  name = "plain"
}

resource "conformance_identified" "replaced" {
  name   = "replaced"
  region = "us"
}

resource "terraform_data" "name" {
  input = "later"
}

resource "conformance_identified" "later" {
  name = terraform_data.name.output
}
