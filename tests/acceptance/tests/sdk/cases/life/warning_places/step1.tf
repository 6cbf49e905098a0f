resource "conformance_failing" "this" {
  for_each = toset(["whole", "text", "item", "name", "entry", "element", "group"])

  call     = "plan"
  severity = "warning"
  about    = each.key
  text     = "text"
  items = [
    { name = "a" },
    { name = "b" },
  ]
  entries = {
    a = { name = "a" }
    b = { name = "b" }
  }
  elements = [{ name = "a" }]
  group    = { name = "g" }
}
