terraform {
  required_providers {
    fleet = {
      source  = "fleet-iac/fleet"
      version = ">= 0.1.0"
    }
  }
}

# Credentials, profile and region come from where the AWS CLI takes them, unless they are set here.
provider "fleet" {
  # The one mutation owner of what this configuration creates; unique per state.
  managed_by = "platform/accounts"
  region     = "ap-southeast-1"

  # Refuse to work from any other account than the management account.
  allowed_account_ids = ["111122223333"]

  assume_role {
    role_arn     = "arn:aws:iam::111122223333:role/fleet-vending"
    session_name = "fleet"
  }

  # Tried in this order to get into an account that is vended.
  member_access {
    bootstrap_role_names = ["OrganizationAccountAccessRole", "AWSControlTowerExecution"]
  }

  # Where accounts go that are frozen or retired, and the service control policy that binds them there.
  quarantine {
    parent    = "Quarantine"
    policy_id = "p-abcd1234"
  }

  default_tags {
    tags = {
      cost-center = "platform"
    }
  }

  # A directory that exists; commit it, with a .gitkeep while it is empty.
  inventory {
    path = "inventory"
  }
}
