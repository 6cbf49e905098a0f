resource "conformance_failing" "this" {
  call  = "delete"
  about = "group"
}
