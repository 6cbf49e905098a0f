resource "conformance_failing" "nothing_changed" {
  call = "update"
  text = "one"
}

resource "conformance_failing" "something_changed" {
  call  = "update"
  keeps = true
  text  = "one"
}
