resource "conformance_thing" "this" {
  name     = "networks"
  networks = [{ network = "green", primary = true }, { network = "red" }, { network = "blue" }]
}
