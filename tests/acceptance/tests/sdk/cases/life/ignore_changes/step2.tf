resource "conformance_thing" "this" {
  name   = "ignored"
  text   = "two"
  labels = { a = "2", b = "3" }

  lifecycle {
    ignore_changes = [text, labels["a"]]
  }
}
