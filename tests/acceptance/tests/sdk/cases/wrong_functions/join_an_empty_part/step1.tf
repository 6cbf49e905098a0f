output "value" {
  value = provider::conformance::join("-", "a", "", "b")
}
