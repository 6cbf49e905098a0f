resource "conformance_thing" "this" {
  name     = "write_only"
  password = "hunter2"
  settings = { key = "inner", mode = "fancy" }
}
