resource "conformance_thing" "this" {
  name = "ports"
  ports = {
    http  = { number = 80 }
    https = { number = 443, protocol = "tls" }
  }
}

output "urls" {
  value = { for name, port in conformance_thing.this.ports : name => port.url }
}
