resource "conformance_thing" "this" {
  name = "replace"
  zone = "b"
}
