resource "conformance_thing" "this" {
  name   = "collections"
  lines  = ["b", "a", "b"]
  stages = ["one"]
  tags   = ["z", "a", "m", "a"]
  labels = { b = "2", a = "1" }
  matrix = [[1, 2], [], [0.5]]
}
