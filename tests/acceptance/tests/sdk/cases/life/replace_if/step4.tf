resource "conformance_thing" "this" {
  name = "capacity"
}
