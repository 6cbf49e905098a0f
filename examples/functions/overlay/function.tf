locals {
  # The inventory as this plan is going to leave it: the store, with the planned clusters laid over it.
  fleet = provider::fleet::overlay(
    data.fleet_inventory.this.snapshot,
    values(fleet_cluster_registration.this)[*].record,
  )
}
