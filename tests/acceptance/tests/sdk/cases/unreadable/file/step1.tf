resource "conformance_file" "this" {
  path    = "files/file/one"
  content = "x"
}
