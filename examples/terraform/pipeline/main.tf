# What the pipeline of this example applies: an account and a cluster in it, with the inventory on a branch that plans read and applies
# push to. README.md says how it is set up.
terraform {
  required_providers {
    fleet = { source = "fleet-iac/fleet" }
  }

  # The bucket comes from the pipeline: `init -backend-config=bucket=…`.
  backend "s3" {
    key          = "fleet/accounts.tfstate"
    region       = "eu-central-1"
    use_lockfile = true
  }
}

variable "repository" {
  description = "The address of the repository that keeps the inventory, without a token: https://github.com/acme/fleet.git"
  type        = string
}

variable "management_account_id" {
  description = "The account that manages the organization."
  type        = string
}

variable "email" {
  description = "The root user's address of the account: used for no other AWS account."
  type        = string
}

provider "fleet" {
  managed_by = "platform/accounts"
  region     = "eu-central-1"

  # The pipeline's own role may assume these two, the role of plans only the first (examples/terraform/bootstrap).
  organization {
    read_role_arn  = "arn:aws:iam::${var.management_account_id}:role/fleet-reader"
    write_role_arn = "arn:aws:iam::${var.management_account_id}:role/fleet-writer"
  }

  member_access {
    manage_role_name = "fleet-vending"
    read_role_name   = "fleet-vending-plan"
  }

  inventory {
    git {
      url    = var.repository
      branch = "inventory"
      path   = "inventory"
    }
  }
}

resource "fleet_account" "shop" {
  name                = "shop-prod"
  email               = var.email
  account_class       = "prod-workloads"
  environment         = "prod"
  owner               = "shop"
  data_classification = "internal"
  region_set          = ["eu-central-1"]
  network_profile     = "private-service"
  baseline_policy     = "prod-restricted"
  budget_owner        = "shop"
}

resource "fleet_cluster_registration" "shop" {
  name                = "prod-shop-frankfurt"
  account             = fleet_account.shop.key
  environment         = "prod"
  region              = "eu-central-1"
  cloud               = "aws"
  data_classification = "internal"
}
