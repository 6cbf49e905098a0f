resource "conformance_thing" "this" {
  name     = "settings"
  settings = { level = 4, report = { address = "a@b", minutes = 15 } }
}
