output "value" {
  value = provider::conformance::divide(1, 0)
}
