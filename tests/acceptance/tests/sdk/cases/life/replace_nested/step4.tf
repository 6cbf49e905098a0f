resource "conformance_thing" "this" {
  name  = "kinds"
  disks = [{ name = "a", kind = "ssd" }]
}
