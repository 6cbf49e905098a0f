resource "terraform_data" "given" {
  input = { text = null, number = null, flag = null }
}

resource "conformance_thing" "this" {
  name    = "unknown"
  text    = terraform_data.given.output.text
  amount  = terraform_data.given.output.number
  cores   = terraform_data.given.output.number
  enabled = terraform_data.given.output.flag
}

output "length" {
  value = conformance_thing.this.length
}
