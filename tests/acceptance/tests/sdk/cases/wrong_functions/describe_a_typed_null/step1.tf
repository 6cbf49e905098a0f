output "value" {
  value = provider::conformance::describe(tostring(null))
}
