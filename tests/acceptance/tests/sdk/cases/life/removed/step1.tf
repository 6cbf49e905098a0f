resource "conformance_thing" "kept" {
  name = "kept"
}

resource "conformance_thing" "gone" {
  name = "gone"
}
