resource "conformance_failing" "this" {
  for_each = toset(["whole", "text", "entry"])

  call  = "read"
  about = each.key
  text  = "changed"
  entries = {
    b = { name = "b" }
  }
}
