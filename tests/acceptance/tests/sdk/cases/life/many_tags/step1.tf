resource "conformance_thing" "this" {
  name     = "many"
  tags     = [for index in range(200) : "tag-${index}"]
  labels   = { for index in range(200) : "key-${index}" => tostring(index) }
  networks = [for index in range(100) : { network = "net-${index}", primary = index % 2 == 0 }]
}
