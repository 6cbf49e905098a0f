resource "conformance_versioned" "v0" {
  name   = "v0"
  labels = { label = "one" }
}

resource "conformance_versioned" "v0_bare" {
  name = "v0_bare"
}

resource "conformance_versioned" "v1" {
  name   = "v1"
  labels = { a = "1", b = "2=3" }
  size   = 12
}

resource "conformance_versioned" "v1_changed" {
  name   = "v1_changed"
  labels = { a = "2" }
}

resource "conformance_versioned" "v2" {
  name = "v2"
}

resource "conformance_versioned" "replaced" {
  name = "another"
}
