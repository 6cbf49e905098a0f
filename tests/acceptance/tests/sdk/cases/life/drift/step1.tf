resource "conformance_file" "changed" {
  path    = "files/drift/changed"
  content = "as configured"
}

resource "conformance_file" "unnoticed" {
  path    = "files/drift/unnoticed"
  content = "as configured"

  lifecycle {
    ignore_changes = [content]
  }
}

resource "conformance_thing" "dependant" {
  name = "dependant"
  text = conformance_file.changed.size
}
