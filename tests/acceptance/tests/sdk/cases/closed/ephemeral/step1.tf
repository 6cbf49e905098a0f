ephemeral "conformance_token" "this" {
  audience = "nobody"
  fails    = "open"
}

ephemeral "conformance_token" "invalid" {
  audience = ""
}
