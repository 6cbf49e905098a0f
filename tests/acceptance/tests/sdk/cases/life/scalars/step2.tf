resource "conformance_thing" "this" {
  name   = "scalars"
  text   = ""
  amount = 0
  cores  = 0
}
