resource "conformance_thing" "this" {
  name  = "image"
  image = "two"
}
