resource "terraform_data" "given" {
  input = "later"
}

output "joined" {
  value = [
    provider::conformance::join("-", "a", "b"),
    provider::conformance::join("-"),
    provider::conformance::join("", ["é", "日本"]...),
    provider::conformance::join("-", "a", terraform_data.given.output),
  ]
}

output "divided" {
  value = [
    provider::conformance::divide(7, 2),
    provider::conformance::divide(-7, 2),
    provider::conformance::divide("9", 3),
    provider::conformance::divide(9223372036854775807, 1),
  ]
}

resource "conformance_thing" "this" {
  name = provider::conformance::join("-", "a", "b")
  text = provider::conformance::join("-", "a", terraform_data.given.output)
}
