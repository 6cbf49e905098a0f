import {
  to       = fleet_account.payments_prod
  identity = { id = "123456789012" }
}
