resource "conformance_thing" "this" {
  name     = "fraction"
  disks    = [{ name = "a", gigabytes = 1.5 }]
  settings = { level = 0.5 }
}
