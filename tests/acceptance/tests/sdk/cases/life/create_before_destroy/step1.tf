resource "conformance_thing" "this" {
  name = "first"
  zone = "a"

  lifecycle {
    create_before_destroy = true
  }
}

resource "conformance_thing" "dependant" {
  name = "dependant"
  text = conformance_thing.this.id
}
