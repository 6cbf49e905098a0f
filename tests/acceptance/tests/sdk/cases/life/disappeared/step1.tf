resource "conformance_file" "again" {
  path    = "files/disappeared/again"
  content = "content"
}

resource "conformance_file" "dropped" {
  path = "files/disappeared/dropped"
}
