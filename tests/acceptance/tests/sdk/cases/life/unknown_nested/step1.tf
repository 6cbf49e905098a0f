resource "terraform_data" "given" {
  input = { disks = [{ name = "x" }], port = 80, name = "n" }
}

resource "conformance_thing" "whole" {
  name  = "whole"
  disks = [for disk in terraform_data.given.output.disks : { name = disk.name }]
}

resource "conformance_thing" "part" {
  name     = "part"
  disks    = [{ name = terraform_data.given.output.name }, { name = "known" }]
  networks = [{ network = terraform_data.given.output.name }, { network = "known" }]
  ports    = { a = { number = terraform_data.given.output.port }, b = { number = 1 } }
  settings = { level = terraform_data.given.output.port }
}
