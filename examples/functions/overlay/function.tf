locals {
  # The inventory as this plan is going to leave it: the store, with the planned clusters laid over it.
  # Registrations made with for_each: values(fleet_cluster_registration.all)[*].record
  fleet = provider::fleet::overlay(
    data.fleet_inventory.this.snapshot,
    [fleet_cluster_registration.payments.record],
  )
}
