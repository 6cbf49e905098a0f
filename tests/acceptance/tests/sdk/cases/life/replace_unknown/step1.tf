resource "terraform_data" "zone" {
  input = "a"
}

resource "conformance_thing" "this" {
  name = "replace"
  zone = terraform_data.zone.output
}
