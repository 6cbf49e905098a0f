# Who plans and who applies, in the management account, and the two roles in each member account.
data "fleet_access_policies" "this" {
  organization_id       = "o-exampleorgid"
  management_account_id = "111122223333"
  manage_role_name      = "fleet-vending"
  read_role_name        = "fleet-vending-plan"
}

output "plan_reader" {
  value = data.fleet_access_policies.this.plan_reader
}
