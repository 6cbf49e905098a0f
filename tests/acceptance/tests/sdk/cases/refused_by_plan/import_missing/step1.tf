resource "conformance_identified" "this" {
  name = "missing"
}
