locals {
  sizes = { this = "medium" }
}

resource "conformance_thing" "this" {
  for_each = local.sizes

  name  = each.key
  size  = each.value
  disks = [for name in [""] : { name = name }]
}
