resource "conformance_thing" "this" {
  name   = "scalars"
  text   = "a \"quoted\" ${"$"}{text}\n\twith lines"
  amount = 12.5
  cores  = 1024
}
