resource "conformance_thing" "this" {
  name     = "capacity"
  capacity = 20.5
}
