resource "terraform_data" "given" {
  input = "later"
}

output "described" {
  value = [
    provider::conformance::describe("text"),
    provider::conformance::describe(null),
    provider::conformance::describe([1, "two", null]),
    provider::conformance::describe({ a = 1 }),
    provider::conformance::describe(12345678901234567890123),
  ]
}

output "unknown" {
  value = provider::conformance::describe(terraform_data.given.output)
}
