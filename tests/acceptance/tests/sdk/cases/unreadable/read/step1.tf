resource "conformance_failing" "this" {
  for_each = toset(["whole", "text", "entry"])

  call  = "read"
  about = each.key
  text  = "text"
  entries = {
    b = { name = "b" }
  }
}
