resource "fleet_organizational_unit" "prod" {
  name = "Prod"
}

resource "fleet_account" "payments_prod" {
  name                = "payments-prod"
  email               = "aws+payments-prod@example.com"
  account_class       = "regulated-prod-workloads"
  environment         = "prod"
  owner               = "payments-platform"
  data_classification = "pci"
  parent              = fleet_organizational_unit.prod.id # or the path of a unit that exists: "Workloads/Prod"
  region_set          = ["ap-southeast-1", "ap-northeast-1"]
  network_profile     = "private-service"
  baseline_policy     = "prod-restricted"
  budget_owner        = "payments"
  gitops_enabled      = true

  # The provider creates the service control policies of the profile and attaches them to the account. The default is
  # `verify`, for organizations in which somebody else attaches them.
  controls = {
    "organization-policies" = "own"
  }

  # Pipelines get in by OIDC, for exact subjects.
  identity = {
    providers = {
      github = {
        url       = "https://token.actions.githubusercontent.com"
        audiences = ["sts.amazonaws.com"]
      }
    }
    roles = {
      plan = {
        provider      = "github"
        owner_id      = "123456"
        repository_id = "456789"
        claims        = { repository = "example/platform", environment = "payments-prod-plan" }
      }
      apply = {
        provider      = "github"
        owner_id      = "123456"
        repository_id = "456789"
        claims        = { repository = "example/platform", environment = "payments-prod" }
      }
    }
  }

  # The configurations that may register clusters in the account. Without the list only this one may.
  registrars = ["platform/accounts", "team-payments/clusters"]

  # Whom AWS writes to beside the root user. `billing` and `operations` are left alone.
  alternate_contacts = {
    security = {
      name         = "Security team"
      title        = "On call"
      email        = "security@example.com"
      phone_number = "+65 6123 4567"
    }
  }

  tags = {
    team = "payments"
  }

  timeouts = {
    create = "30m"
  }
}

output "open_checks" {
  description = "What keeps the account from being ready, if anything does."
  value       = fleet_account.payments_prod.readiness.findings
}
