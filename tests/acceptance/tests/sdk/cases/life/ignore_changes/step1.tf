resource "conformance_thing" "this" {
  name   = "ignored"
  text   = "one"
  labels = { a = "1" }

  lifecycle {
    ignore_changes = [text, labels["a"]]
  }
}
