resource "conformance_thing" "absent" {
  name  = "missing"
  disks = [{ gigabytes = 1 }]
}
