resource "conformance_thing" "this" {
  name = "state"
  text = "second"
  size = "large"
}
