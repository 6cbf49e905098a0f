# By its key, by its id, or by the root user's address.
data "fleet_account" "payments" {
  key = "payments-prod"
}

output "open_checks" {
  value = data.fleet_account.payments.readiness.open_checks
}
