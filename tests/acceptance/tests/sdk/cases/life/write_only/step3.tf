resource "conformance_thing" "this" {
  name             = "write_only"
  password         = "another password"
  password_version = 2
  settings         = { mode = "fancy" }
}
