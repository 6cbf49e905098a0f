resource "conformance_file" "this" {
  path    = "files/file/one"
  content = "other content"
}

resource "conformance_file" "empty" {
  path = "files/file/moved"
}
