resource "conformance_thing" "this" {
  name  = "disks"
  disks = [{ name = "c", partitions = [{ mount = "/srv" }] }]
}
