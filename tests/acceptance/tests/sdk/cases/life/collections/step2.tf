resource "conformance_thing" "this" {
  name   = "collections"
  lines  = ["a", "b"]
  stages = ["one", "two"]
  tags   = ["m", "n"]
  labels = { a = "1", c = "3" }
  matrix = [[1, 2, 3]]
}
