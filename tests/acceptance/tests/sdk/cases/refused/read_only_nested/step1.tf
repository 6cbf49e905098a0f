resource "conformance_thing" "this" {
  name     = "read_only"
  disks    = [{ name = "a", id = "mine" }]
  networks = [{ network = "a", address = "mine" }]
  ports    = { a = { number = 1, url = "mine" } }
  settings = { summary = "mine" }
}
