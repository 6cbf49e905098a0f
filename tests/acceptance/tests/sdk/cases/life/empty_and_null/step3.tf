resource "conformance_thing" "this" {
  name     = "empty"
  lines    = [null, "", null]
  tags     = ["", null]
  labels   = { a = null, b = "" }
  matrix   = [null, [], [null]]
  disks    = []
  settings = { report = null }
}
