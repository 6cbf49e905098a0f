import {
  to = fleet_cluster_registration.payments
  id = "prod-ap-southeast-1-payments-01"
}
