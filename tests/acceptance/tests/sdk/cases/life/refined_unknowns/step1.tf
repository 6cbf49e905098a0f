resource "terraform_data" "given" {
  input = "later"
}

resource "conformance_thing" "this" {
  name   = "refined-${terraform_data.given.id == "" ? "a" : "b"}"
  text   = "prefix-${terraform_data.given.output}"
  lines  = [for index in range(2) : "${index}-${terraform_data.given.output}"]
  amount = length(terraform_data.given.id)
  labels = { a = coalesce(terraform_data.given.output, "x") }
}

output "text_is_null" {
  value = conformance_thing.this.text == null
}
