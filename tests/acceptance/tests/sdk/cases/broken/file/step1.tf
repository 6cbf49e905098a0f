resource "conformance_file" "no_directory" {
  path    = "files/file/no/such/directory"
  content = "x"
}

resource "conformance_file" "fine" {
  path = "files/file/fine"
}
