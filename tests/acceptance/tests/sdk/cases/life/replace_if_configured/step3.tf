resource "conformance_thing" "this" {
  name = "image"
  text = "changed"
}
