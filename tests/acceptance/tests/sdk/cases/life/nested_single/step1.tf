resource "conformance_thing" "this" {
  name     = "settings"
  settings = {}
}
