resource "conformance_thing" "this" {
  name = "state"
}
