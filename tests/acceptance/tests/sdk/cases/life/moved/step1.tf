resource "conformance_thing" "before" {
  name = "moved"
  text = "text"
}

resource "conformance_thing" "many" {
  count = 2
  name  = "many-${count.index}"
}
