resource "conformance_thing" "this" {
}

resource "conformance_thing" "null" {
  name = null
}
