removed {
  from = conformance_thing.kept

  lifecycle {
    destroy = false
  }
}
