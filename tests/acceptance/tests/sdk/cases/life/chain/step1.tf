resource "conformance_thing" "first" {
  name = "first"
}

resource "conformance_thing" "second" {
  name  = "second"
  text  = conformance_thing.first.id
  extra = conformance_thing.first.events
  disks = [for event in ["created"] : { name = conformance_thing.first.image }]
}

output "ids" {
  value = [conformance_thing.first.id, conformance_thing.second.text]
}
