resource "conformance_file" "this" {
  path    = "files/file/one"
  content = "some content"
}

resource "conformance_file" "empty" {
  path = "files/file/empty"
}
