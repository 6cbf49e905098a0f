locals {
  values = {
    string = "text"
    number = 12345678901234567890123.5
    bool   = true
    list   = tolist(["a", "b"])
    set    = toset(["b", "a"])
    map    = tomap({ a = 1, b = 2 })
    object = { a = 1, b = "two", c = null }
    tuple  = [1, "two", true, null]
    deep   = { a = [{ b = toset([1, 2]) }, { b = null }], c = { d = tomap({}) } }
    empty  = []
    none   = {}
  }
}

resource "conformance_thing" "this" {
  for_each = local.values

  name  = each.key
  extra = each.value
}

output "echoes" {
  value = { for key, thing in conformance_thing.this : key => thing.echo }
}
