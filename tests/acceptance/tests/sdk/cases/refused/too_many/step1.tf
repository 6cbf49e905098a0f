resource "conformance_thing" "this" {
  name  = "too_many"
  disks = [for index in range(9) : { name = "disk-${index}" }]
}
