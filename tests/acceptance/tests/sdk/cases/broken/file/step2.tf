resource "conformance_file" "fine" {
  path = "files/file/fine"
}
