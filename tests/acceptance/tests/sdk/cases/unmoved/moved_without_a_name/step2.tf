resource "conformance_versioned" "data" {
  name = "data"
}

resource "conformance_versioned" "file" {
  name = "file"
}

moved {
  from = terraform_data.before
  to   = conformance_versioned.data
}

moved {
  from = conformance_file.before
  to   = conformance_versioned.file
}
