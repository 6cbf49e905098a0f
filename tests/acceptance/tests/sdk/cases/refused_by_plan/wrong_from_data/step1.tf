data "conformance_echo" "this" {
  text = "medium"
}

resource "conformance_thing" "this" {
  name = "wrong"
  size = data.conformance_echo.this.upper
}
