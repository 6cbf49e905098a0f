resource "conformance_thing" "this" {
  name     = "timeouts"
  timeouts = { create = "30m", update = "5s" }
}
