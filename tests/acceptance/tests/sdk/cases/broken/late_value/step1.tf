resource "terraform_data" "given" {
  input = { size = "medium", name = "" }
}

resource "conformance_thing" "this" {
  name  = "late"
  size  = terraform_data.given.output.size
  disks = [{ name = terraform_data.given.output.name }]
}
