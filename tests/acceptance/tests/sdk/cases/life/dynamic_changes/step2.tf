resource "conformance_thing" "this" {
  name  = "dynamic"
  extra = ["text"]
}
