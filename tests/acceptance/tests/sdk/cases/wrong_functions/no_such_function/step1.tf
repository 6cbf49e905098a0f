output "value" {
  value = provider::conformance::jion("-", "a")
}
