# The practice lab of docs/guides/fleet-model.md §32: 30 services in 4 environments, on 9 clusters
# in 13 accounts, in 3 regions.
#
#   accounts.tf     the organizational units and the accounts
#   clusters.tf     the clusters, and the inventory they make up
#   placements.tf   which service runs where, and the checks on that
#
# Credentials, profile and endpoint come from the environment (AWS_PROFILE, AWS_ENDPOINT_URL …), so
# the same folder runs against AWS and against an emulator.

provider "fleet" {
  # The one mutation owner of all that is below. No other state may use this name.
  managed_by = "platform/practice-lab"

  region              = local.regions.singapore
  allowed_account_ids = var.allowed_account_ids

  default_tags {
    tags = {
      cost-center = "platform"
    }
  }

  inventory {
    path = var.inventory_path
  }
}

locals {
  regions = {
    jakarta   = "ap-southeast-3"
    singapore = "ap-southeast-1"
    tokyo     = "ap-northeast-1"
  }
}
