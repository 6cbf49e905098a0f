resource "conformance_thing" "this" {
  name   = "spelling"
  policy = "Allow"
}
