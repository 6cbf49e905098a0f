resource "conformance_thing" "this" {
  name     = "empty"
  lines    = []
  tags     = []
  labels   = {}
  matrix   = []
  disks    = []
  networks = []
  ports    = {}
  settings = {}
  limits   = {}
  timeouts = {}
}
