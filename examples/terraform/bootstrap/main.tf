# What the roles of a pipeline in a tooling account must be allowed. It calls nobody: apply it anywhere, then make the
# roles with what it gives (README.md).
terraform {
  required_providers {
    fleet = { source = "fleet-iac/fleet" }
  }
}

provider "fleet" {
  managed_by = "platform/accounts"
  region     = "eu-central-1"
}

variable "organization_id" {
  description = "The id of the organization: `aws organizations describe-organization`."
  type        = string
}

variable "management_account_id" {
  description = "The account that manages the organization."
  type        = string
}

variable "tooling_account_id" {
  description = "The account that the pipeline runs in."
  type        = string
}

data "fleet_access_policies" "this" {
  organization_id       = var.organization_id
  management_account_id = var.management_account_id
  manage_role_name      = "fleet-vending"
  read_role_name        = "fleet-vending-plan"
}

locals {
  # A session that has a source identity or transitive tags hands them on, and AWS asks for the second and the third.
  enter = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]

  # Who may assume the two roles of the management account: the tooling account, as far as its own IAM lets its roles.
  trust = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Tooling"
      Effect    = "Allow"
      Action    = local.enter
      Principal = { AWS = "arn:aws:iam::${var.tooling_account_id}:root" }
      Condition = { StringEquals = { "aws:PrincipalOrgID" = var.organization_id } }
    }]
  }

  # What the roles of the pipeline themselves may: to assume others, a plan those that read.
  assume = {
    for name, roles in {
      plan  = ["fleet-reader", "fleet-vending-plan"]
      apply = ["fleet-reader", "fleet-writer", "fleet-vending-plan", "fleet-vending"]
      } : name => {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "Assume"
        Effect    = "Allow"
        Action    = local.enter
        Resource  = [for role in roles : "arn:aws:iam::*:role/${role}"]
        Condition = { StringEquals = { "aws:ResourceOrgID" = var.organization_id } }
      }]
    }
  }
}

output "trust" {
  description = "The trust policy of `fleet-reader` and `fleet-writer` in the management account."
  value       = jsonencode(local.trust)
}

output "fleet_reader" {
  description = "The policy of `fleet-reader`."
  value       = data.fleet_access_policies.this.plan_reader
}

output "fleet_writer" {
  description = "The policy of `fleet-writer`."
  value       = data.fleet_access_policies.this.vending_writer
}

output "pipeline_plan" {
  description = "The policy of the pipeline's role for pull requests, in the tooling account."
  value       = jsonencode(local.assume.plan)
}

output "pipeline_apply" {
  description = "The policy of the pipeline's role for the main branch, in the tooling account."
  value       = jsonencode(local.assume.apply)
}
