resource "conformance_thing" "this" {
  name     = "deprecated"
  old_text = "old"
}

output "old" {
  value = conformance_thing.this.old_text
}
