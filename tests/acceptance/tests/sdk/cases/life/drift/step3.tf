resource "conformance_file" "changed" {
  path    = "files/drift/changed"
  content = "once more"
}

resource "conformance_thing" "dependant" {
  name = "dependant"
  text = conformance_file.changed.size
}
