resource "conformance_thing" "this" {
  name   = "spelling"
  policy = "DENY"
  text   = "changed again"
}
