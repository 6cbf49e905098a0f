action "conformance_announce" "this" {
  config {
    message = ""
    times   = 11
  }
}
