resource "conformance_file" "this" {
  path    = "files/import_file/imported"
  content = "other content"
}
