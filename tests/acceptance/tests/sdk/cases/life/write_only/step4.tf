resource "conformance_thing" "this" {
  name             = "write_only"
  password_version = 3
}
