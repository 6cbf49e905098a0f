resource "conformance_thing" "null" {
  name     = "missing"
  disks    = [{ name = "a" }, { name = null }]
  ports    = { a = { number = null } }
  settings = { report = { address = null } }
  networks = [{ network = null }]
}
