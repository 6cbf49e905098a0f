import {
  to = fleet_account.payments_prod
  id = "123456789012"
}
