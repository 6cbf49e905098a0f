resource "conformance_thing" "this" {
  name   = "limits"
  limits = { soft = 5 }
}
