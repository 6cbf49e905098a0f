resource "conformance_thing" "this" {
  name = "read_only"
  id   = "mine"
}
