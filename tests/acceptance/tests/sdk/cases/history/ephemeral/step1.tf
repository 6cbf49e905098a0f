ephemeral "conformance_token" "this" {
  audience = "somebody"
  log      = "files/ephemeral/log"
}

ephemeral "conformance_token" "renewed" {
  audience    = "another"
  renew_after = 3600
  scope       = "write"
}

resource "conformance_thing" "this" {
  name             = "ephemeral"
  password         = ephemeral.conformance_token.this.value
  password_version = 1
}
