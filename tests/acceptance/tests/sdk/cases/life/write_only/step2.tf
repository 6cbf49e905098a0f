resource "conformance_thing" "this" {
  name     = "write_only"
  password = "another password"
  settings = { key = "other", mode = "fancy" }
}
