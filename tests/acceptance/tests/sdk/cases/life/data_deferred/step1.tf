resource "conformance_thing" "this" {
  name = "first"
}

data "conformance_echo" "refers" {
  text = conformance_thing.this.id
}

data "conformance_echo" "depends" {
  text = "known"

  depends_on = [conformance_thing.this]
}

resource "conformance_thing" "dependant" {
  name  = "dependant"
  text  = data.conformance_echo.refers.upper
  extra = data.conformance_echo.depends
}
