resource "conformance_thing" "this" {
  name   = "limits"
  text   = "changed"
  limits = { soft = 5 }
}
