ephemeral "conformance_token" "this" {
  audience = "nobody"
  fails    = "close"
}
