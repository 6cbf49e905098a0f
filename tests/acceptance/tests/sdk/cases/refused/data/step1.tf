data "conformance_echo" "this" {
  parts = [{ name = "a" }, { name = "" }]
}
