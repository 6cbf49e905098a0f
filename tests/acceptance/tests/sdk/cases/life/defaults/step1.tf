resource "conformance_thing" "this" {
  name = "defaults"
}
