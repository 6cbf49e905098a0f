resource "terraform_data" "before" {
  input = ["no text"]
}

resource "conformance_file" "before" {
  path = "files/moved_without_a_name/file"
}
