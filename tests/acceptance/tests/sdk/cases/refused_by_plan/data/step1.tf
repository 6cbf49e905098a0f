data "conformance_echo" "this" {
  text = "nothing"
}
