resource "conformance_thing" "this" {
  name  = "kinds"
  disks = [{ name = "a", kind = "ssd" }, { name = "b", kind = "hdd" }, { name = "c", kind = "ssd" }]
}
