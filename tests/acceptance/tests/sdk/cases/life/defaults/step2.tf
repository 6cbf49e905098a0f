resource "conformance_thing" "this" {
  name    = "defaults"
  enabled = false
  size    = "large"
  weight  = 0.1
  stages  = []
}
