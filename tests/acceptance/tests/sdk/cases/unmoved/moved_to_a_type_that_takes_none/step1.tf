resource "terraform_data" "before" {
  input = "a"
}
