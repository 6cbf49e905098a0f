resource "conformance_versioned" "thing" {
  name = "thing"
}

resource "conformance_versioned" "data" {
  name   = "data"
  labels = { a = "b" }
}

moved {
  from = conformance_thing.before
  to   = conformance_versioned.thing
}

moved {
  from = terraform_data.before
  to   = conformance_versioned.data
}
