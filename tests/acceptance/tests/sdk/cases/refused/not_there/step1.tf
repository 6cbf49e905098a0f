resource "conformance_thing" "this" {
  name  = "not_there"
  bogus = 1
}
