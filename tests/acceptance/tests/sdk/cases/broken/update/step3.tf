resource "conformance_failing" "nothing_changed" {
  call = "validate"

  severity = "warning"
}

resource "conformance_failing" "something_changed" {
  call = "validate"

  severity = "warning"
}
