resource "terraform_data" "given" {
  input = "a"
}

resource "conformance_thing" "this" {
  name = "later"
  text = terraform_data.given.output
}

resource "conformance_failing" "this" {
  call = "create"
  text = terraform_data.given.output

  about = "text"
}
