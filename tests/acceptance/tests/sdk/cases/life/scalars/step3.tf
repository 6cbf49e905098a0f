resource "conformance_thing" "this" {
  name = "scalars"
}
