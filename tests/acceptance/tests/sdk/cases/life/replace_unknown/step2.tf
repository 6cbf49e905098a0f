resource "terraform_data" "zone" {
  input = "a"

  triggers_replace = 1
}

resource "conformance_thing" "this" {
  name = "replace"
  zone = terraform_data.zone.output
}
