resource "conformance_thing" "this" {
  name = "limits"
}
