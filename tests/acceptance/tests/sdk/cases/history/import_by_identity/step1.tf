resource "conformance_identified" "this" {
  name = "a"
}

resource "conformance_identified" "changed" {
  name   = "b"
  region = "us"
  note   = "imported"
}
