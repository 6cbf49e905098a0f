resource "conformance_failing" "call" {
  for_each = toset(["plan", "create", "read"])

  call     = each.key
  severity = "warning"
  about    = "whole"
}
