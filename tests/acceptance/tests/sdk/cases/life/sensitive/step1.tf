resource "conformance_thing" "this" {
  name   = "sensitive"
  secret = "hunter2"
  text   = sensitive("marked")
  labels = { open = "a", closed = sensitive("b") }
  disks  = [{ name = sensitive("disk") }]
}

output "secret" {
  value     = conformance_thing.this.secret
  sensitive = true
}

output "length" {
  value     = conformance_thing.this.length
  sensitive = true
}
