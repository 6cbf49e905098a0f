resource "conformance_thing" "this" {
  name = "disks"
  disks = [
    { name = "b", gigabytes = 20 },
    { name = "a" },
    { name = "c", partitions = [] },
  ]
}
