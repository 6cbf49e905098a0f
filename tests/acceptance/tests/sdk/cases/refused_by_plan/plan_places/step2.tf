resource "conformance_failing" "this" {
  for_each = toset(["whole", "text"])

  call  = "destroy"
  about = each.key
  text  = "text"
}
