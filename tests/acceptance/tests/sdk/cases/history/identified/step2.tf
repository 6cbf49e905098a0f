resource "conformance_identified" "this" {
  name = "plain"
  note = "changed"
}

resource "conformance_identified" "replaced" {
  name   = "replaced"
  region = "eu"
}

resource "terraform_data" "name" {
  input = "later"
}

resource "conformance_identified" "later" {
  name = terraform_data.name.output
  note = "changed"
}
