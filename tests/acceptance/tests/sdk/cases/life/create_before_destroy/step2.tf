resource "conformance_thing" "this" {
  name = "second"
  zone = "b"

  lifecycle {
    create_before_destroy = true
  }
}

resource "conformance_thing" "dependant" {
  name = "dependant"
  text = conformance_thing.this.id
}
