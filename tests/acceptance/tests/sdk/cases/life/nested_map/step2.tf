resource "conformance_thing" "this" {
  name = "ports"
  ports = {
    http  = { number = 8080, protocol = null }
    "a.b" = { number = 1 }
  }
}

output "urls" {
  value = { for name, port in conformance_thing.this.ports : name => port.url }
}
