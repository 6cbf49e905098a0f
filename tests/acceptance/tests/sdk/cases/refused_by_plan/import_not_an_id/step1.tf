resource "conformance_identified" "this" {
  name = "import"
}
