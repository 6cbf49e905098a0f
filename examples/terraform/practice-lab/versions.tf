# Terraform >= 1.11 or OpenTofu >= 1.12: placements take the inventory as a write-only argument.
terraform {
  required_version = ">= 1.11"

  required_providers {
    fleet = {
      source  = "fleet-iac/fleet"
      version = ">= 0.1.0"
    }
  }
}
