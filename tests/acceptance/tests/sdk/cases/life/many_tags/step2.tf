resource "conformance_thing" "this" {
  name     = "many"
  tags     = [for index in range(200) : "tag-${index + 1}"]
  labels   = { for index in range(200) : "key-${index}" => tostring(index * 2) }
  networks = [for index in range(100) : { network = "net-${index}", primary = index % 2 == 0 }]
}
