resource "conformance_thing" "this" {
  name   = ""
  cores  = 1025
  size   = "medium"
  labels = { averyveryverylongkey = "x" }
  disks = [
    { name = "a" },
    { name = "", gigabytes = 0 },
  ]
  ports    = { a = { number = 0 } }
  settings = { mode = "loud" }
  timeouts = { create = "soon" }
}
