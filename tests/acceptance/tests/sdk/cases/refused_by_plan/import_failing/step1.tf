resource "conformance_failing" "this" {
  call = "create"
}
