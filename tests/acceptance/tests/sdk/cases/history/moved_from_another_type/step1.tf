resource "conformance_thing" "before" {
  name = "thing"
}

resource "terraform_data" "before" {
  input = "data"
}
