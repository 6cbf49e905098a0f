resource "conformance_failing" "nothing_changed" {
  call = "update"
  text = "two"
}

resource "conformance_failing" "something_changed" {
  call  = "update"
  keeps = true
  text  = "two"
}
