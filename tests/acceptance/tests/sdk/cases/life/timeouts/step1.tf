resource "conformance_thing" "this" {
  name     = "timeouts"
  timeouts = { create = "30m", delete = "1h30m" }
}
