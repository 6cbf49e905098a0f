resource "conformance_thing" "this" {
  name = "disks"
  disks = [
    { name = "a" },
    { name = "b", gigabytes = 20, partitions = [{ mount = "/" }, { mount = "/home", writable = true }] },
  ]
}
