# The store as it is now. It must not refer to a resource: then it would be read during apply only.
data "fleet_inventory" "this" {}

# Also the entries themselves; they are large, so they are read on request only.
data "fleet_inventory" "entries" {
  include_clusters = true
  include_accounts = true
}
