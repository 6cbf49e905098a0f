resource "conformance_thing" "list" {
  name  = "types"
  lines = "no list"
}

resource "conformance_thing" "number" {
  name   = "types"
  amount = "twelve"
}

resource "conformance_thing" "fraction" {
  name  = "types"
  cores = 1.5
}

resource "conformance_thing" "large" {
  name  = "types"
  cores = 9223372036854775808
}

resource "conformance_thing" "object" {
  name     = "types"
  settings = ["no object"]
}
