# 12 application teams with 30 services, each of them in 4 environments: 120 placements.

locals {
  teams = {
    catalog    = ["catalog-api", "catalog-importer", "catalog-media"]
    checkout   = ["cart-api", "checkout-api", "pricing-api"]
    customers  = ["customer-api", "consent-api", "loyalty-api"]
    fulfilment = ["shipping-api", "tracking-api"]
    identity   = ["identity-api", "session-api"]
    messaging  = ["email-sender", "push-sender", "template-api"]
    orders     = ["order-api", "order-events"]
    payments   = ["payments-api", "payments-gateway", "payments-ledger", "payments-risk"]
    reporting  = ["report-api", "report-exporter"]
    search     = ["search-api", "search-indexer"]
    support    = ["chat-api", "ticket-api"]
    warehouse  = ["stock-api", "stock-sync"]
  }

  # What an environment of a workload asks of the fleet. Development is cheap: one region will do.
  # Production serves from two regions at once, so the loss of any one of the three leaves it up.
  environments = {
    dev     = { clusters = "nonprod", mode = null, count = 1, min_regions = 1 }
    test    = { clusters = "nonprod", mode = null, count = 1, min_regions = 1 }
    staging = { clusters = "nonprod", mode = "active-active", count = 2, min_regions = 2 }
    prod    = { clusters = "prod", mode = "active-active", count = 2, min_regions = 2 }
  }

  placements = merge(flatten([
    for team, services in local.teams : [
      for service in services : {
        for environment, wish in local.environments : "${service}-${environment}" => merge(wish, {
          service     = service
          team        = team
          environment = environment
          regulated   = team == "payments" && environment == "prod"
        }) if var.place
      }
    ]
  ])...)
}

resource "fleet_placement" "this" {
  for_each = local.placements

  app         = each.value.service
  environment = each.value.environment
  namespace   = each.value.team
  inventory   = local.fleet

  selector = {
    environment  = each.value.clusters
    regions      = values(local.regions)
    match_labels = each.value.regulated ? { pci = "true" } : {}
  }

  tolerations = each.value.regulated ? [
    { key = "pci", operator = "Equal", value = "true", effect = "NoSelect" },
  ] : []

  strategy = {
    mode                    = each.value.mode
    count                   = each.value.count
    min_regions             = each.value.min_regions
    max_clusters_per_region = 1
  }

  # One change moves a service off one cluster at most.
  blast_radius = {
    max_removed         = 1
    max_regions_touched = 2
  }

  emit = {
    argocd = {
      path            = "${var.generated_path}/argocd"
      project         = each.value.team
      repo_url        = "https://git.example.com/${each.value.team}/${each.value.service}.git"
      target_revision = "main"
      source_path     = "deploy/${each.value.environment}"
    }
    json = {
      path = "${var.generated_path}/targets"
    }
  }
}

# --- What must hold, whatever the fleet looks like ------------------------------------------------

check "production_survives_the_loss_of_any_one_region" {
  assert {
    condition = alltrue([
      for key, placement in local.placements : length(local.regions_of[key]) >= 2
      if placement.environment == "prod"
    ])
    error_message = "Every production service must run in two regions or more."
  }
}

check "payments_run_on_payments_clusters_and_nothing_else_does" {
  assert {
    condition = alltrue(flatten([
      for key, placement in local.placements : [
        for cluster in keys(fleet_placement.this[key].targets) :
        contains(local.payments_clusters, cluster) == placement.regulated
      ]
    ]))
    error_message = "In production, payments services run on the payments clusters and only they do."
  }
}

locals {
  payments_clusters = [
    for name, cluster in local.clusters : name if lookup(cluster.labels, "pci", "false") == "true"
  ]

  regions_of = {
    for key, placement in fleet_placement.this : key => distinct(values(placement.targets)[*].region)
  }
}
