resource "conformance_thing" "this" {
  name     = "deprecated"
  old_text = null
}
