resource "conformance_failing" "lost" {
  call     = "create"
  severity = "warning"
}

resource "conformance_failing" "tainted" {
  call     = "create"
  severity = "warning"
}

resource "conformance_thing" "dependant" {
  name = "dependant"
  text = conformance_failing.tainted.id
}
