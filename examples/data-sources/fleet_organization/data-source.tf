data "fleet_organization" "this" {}

# The accounts that no configuration manages.
output "unmanaged" {
  value = {
    for account in data.fleet_organization.this.accounts : account.id => account.name
    if account.managed_by == null && account.id != data.fleet_organization.this.management_account_id
  }
}

# Only the tree: nothing is listed that grows with the number of accounts.
data "fleet_organization" "tree" {
  include_accounts = false
}

output "organizational_units" {
  value = { for unit in data.fleet_organization.tree.organizational_units : unit.path => unit.id }
}
