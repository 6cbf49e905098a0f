resource "conformance_thing" "this" {
  name   = "spelling"
  policy = "Deny"
  text   = "changed"
}
