resource "conformance_file" "again" {
  path    = "files/disappeared/again"
  content = "content"
}
