locals {
  things = { b = { disks = 2 }, c = { disks = 1 } }
}

resource "conformance_thing" "each" {
  for_each = local.things

  name  = each.key
  disks = [for index in range(each.value.disks) : { name = "disk-${index}" }]
}

resource "conformance_thing" "count" {
  count = 1

  name   = "count-${count.index}"
  labels = { for index in range(count.index) : "key${index}" => "value" }
}

output "all" {
  value = concat(values(conformance_thing.each)[*].id, conformance_thing.count[*].id)
}
