resource "conformance_thing" "same" {
  name = "same"
}

resource "conformance_thing" "other" {
  name = "other"
  text = "changed"
}

resource "conformance_thing" "replaced" {
  name = "replaced"
  zone = "b"
}
