resource "conformance_thing" "after" {
  name = "moved"
  text = "text"
}

resource "conformance_thing" "many" {
  for_each = toset(["a", "b"])
  name     = "many-${each.key}"
}

moved {
  from = conformance_thing.before
  to   = conformance_thing.after
}

moved {
  from = conformance_thing.many[0]
  to   = conformance_thing.many["a"]
}

moved {
  from = conformance_thing.many[1]
  to   = conformance_thing.many["b"]
}
