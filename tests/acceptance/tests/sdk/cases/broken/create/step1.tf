resource "conformance_failing" "lost" {
  call  = "create"
  about = "text"
  text  = "text"
}

resource "conformance_failing" "tainted" {
  call  = "create"
  keeps = true
}

resource "conformance_thing" "dependant" {
  name = "dependant"
  text = conformance_failing.tainted.id
}
