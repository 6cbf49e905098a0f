resource "conformance_thing" "this" {
  name = "import"
}
