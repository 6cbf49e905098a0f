resource "conformance_thing" "this" {
  name = "limits"
  text = "changed"
}
