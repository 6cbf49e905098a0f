resource "conformance_thing" "this" {
  name  = "dynamic"
  extra = tolist(["text"])
}
