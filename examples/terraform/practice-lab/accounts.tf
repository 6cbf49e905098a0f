# An organizational unit is where policies attach; an account is where a mistake stops.
#
#   Root
#   ├── Security          security, logging
#   ├── Infrastructure    network, shared-services
#   └── Workloads
#       ├── Nonprod       nonprod-workloads-<region>
#       ├── Prod          prod-workloads-<region>
#       └── Payments      payments-prod-<region>

locals {
  # One account for the whole organization.
  central_accounts = {
    security        = { ou = "Security", class = "security-audit", data = "audit" }
    logging         = { ou = "Security", class = "log-archive", data = "audit" }
    network         = { ou = "Infrastructure", class = "network-transit", data = "internal" }
    shared-services = { ou = "Infrastructure", class = "shared-services", data = "internal" }
  }

  # One account in each region.
  regional_accounts = {
    nonprod-workloads = {
      ou          = "Nonprod"
      class       = "nonprod-workloads"
      environment = "nonprod"
      data        = "internal"
      owner       = "platform"
      baseline    = "nonprod-standard"
    }
    prod-workloads = {
      ou          = "Prod"
      class       = "prod-workloads"
      environment = "prod"
      data        = "customer"
      owner       = "platform"
      baseline    = "prod-restricted"
    }
    payments-prod = {
      ou          = "Payments"
      class       = "regulated-prod-workloads"
      environment = "prod"
      data        = "pci"
      owner       = "payments-platform"
      baseline    = "regulated"
    }
  }

  # Both as one table: what each of the 13 accounts is asked to be.
  accounts = merge(
    {
      for key, account in local.central_accounts : key => merge(account, {
        environment = "prod"
        owner       = "platform"
        baseline    = "prod-restricted"
        regions     = values(local.regions)
        network     = "central"
        gitops      = false
      })
    },
    merge([
      for kind, account in local.regional_accounts : {
        for city, region in local.regions : "${kind}-${city}" => merge(account, {
          regions = [region]
          network = "private-service"
          gitops  = true
        })
      }
    ]...),
  )

  organizational_units = merge(fleet_organizational_unit.top, fleet_organizational_unit.workloads)
}

resource "fleet_organizational_unit" "top" {
  for_each = toset(["Security", "Infrastructure", "Workloads"])

  name = each.key
}

resource "fleet_organizational_unit" "workloads" {
  for_each = toset(["Nonprod", "Prod", "Payments"])

  name   = each.key
  parent = fleet_organizational_unit.top["Workloads"].id
}

resource "fleet_account" "this" {
  for_each = local.accounts

  key                 = each.key
  name                = each.key
  email               = format(var.email_format, each.key)
  account_class       = each.value.class
  environment         = each.value.environment
  owner               = each.value.owner
  data_classification = each.value.data
  parent              = local.organizational_units[each.value.ou].id
  region_set          = each.value.regions
  network_profile     = each.value.network
  baseline_policy     = each.value.baseline
  budget_owner        = each.value.owner
  gitops_enabled      = each.value.gitops

  # The organization is ours alone here, so its service control policies are too. Where a landing zone
  # attaches its own, leave this out: then they are verified.
  controls = {
    organization-policies = "own"
  }

  # Pipelines get in by OIDC: a pull request plans, only the protected environment applies.
  identity = {
    providers = {
      github = {
        url       = "https://token.actions.githubusercontent.com"
        audiences = ["sts.amazonaws.com"]
      }
    }
    roles = {
      for role, environment in { plan = "${each.key}-plan", apply = each.key } : role => {
        provider                      = "github"
        owner_id                      = var.github.owner_id
        repository_id                 = var.github.repository_id
        claims = {
          repository  = var.github.repository
          environment = environment
        }
      }
    }
  }

  lifecycle_state = var.account_lifecycle
}
