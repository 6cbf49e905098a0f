resource "conformance_thing" "this" {
  name   = "defaults"
  weight = null
}
