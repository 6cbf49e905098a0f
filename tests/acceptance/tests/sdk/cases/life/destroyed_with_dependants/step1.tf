resource "conformance_file" "first" {
  path    = "files/destroyed_with_dependants/first"
  content = "x"
}

resource "conformance_file" "second" {
  path    = "${conformance_file.first.id}-second"
  content = conformance_file.first.content
}
