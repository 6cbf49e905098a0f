# By the name of the cluster.
terraform import fleet_cluster_registration.payments prod-ap-southeast-1-payments-01
