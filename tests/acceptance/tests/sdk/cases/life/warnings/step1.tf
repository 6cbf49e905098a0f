resource "conformance_failing" "call" {
  for_each = toset(["validate", "plan", "create", "read", "update", "delete", "destroy"])

  call     = each.key
  severity = "warning"
  about    = "text"
  text     = "one"
}
