resource "conformance_thing" "this" {
  name     = "networks"
  networks = [{ network = "blue" }, { network = "green", primary = true }]
}
