resource "conformance_thing" "this" {
  name     = "networks"
  text     = "changed"
  networks = [{ network = "green", primary = false }]
}
