resource "conformance_thing" "this" {
  name     = "settings"
  settings = { mode = "fancy", level = 3, report = { address = "a@b" } }
}
