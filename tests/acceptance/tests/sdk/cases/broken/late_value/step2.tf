resource "conformance_thing" "this" {
  name = "late"
}
