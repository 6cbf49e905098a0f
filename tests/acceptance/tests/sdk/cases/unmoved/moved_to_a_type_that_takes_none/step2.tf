resource "conformance_thing" "after" {
  name = "a"
}

moved {
  from = terraform_data.before
  to   = conformance_thing.after
}
