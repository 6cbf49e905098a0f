resource "conformance_thing" "this" {
  name     = ""
  old_text = "old"
}
