resource "terraform_data" "given" {
  input = "later"
}

ephemeral "conformance_token" "this" {
  audience = "somebody-${terraform_data.given.output}"
  log      = "files/ephemeral/log"
}

resource "conformance_thing" "this" {
  name             = "ephemeral"
  password         = ephemeral.conformance_token.this.value
  password_version = 2
}

resource "conformance_file" "log" {
  path = "files/ephemeral/other"
}
