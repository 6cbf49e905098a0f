resource "conformance_thing" "this" {
  name     = "empty"
  lines    = null
  tags     = null
  labels   = null
  matrix   = null
  disks    = null
  networks = null
  ports    = null
  settings = null
  limits   = null
  timeouts = null
}
