resource "conformance_thing" "this" {
  name   = "sensitive"
  secret = "hunter3"
  text   = "unmarked"
  labels = { open = "a", closed = "b" }
  disks  = [{ name = "disk" }]
}

output "secret" {
  value     = conformance_thing.this.secret
  sensitive = true
}

output "length" {
  value     = conformance_thing.this.length
  sensitive = true
}
