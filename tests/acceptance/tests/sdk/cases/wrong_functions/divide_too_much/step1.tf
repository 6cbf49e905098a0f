output "value" {
  value = provider::conformance::divide(1, 9223372036854775808)
}
