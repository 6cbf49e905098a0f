# Reads the store only; it must not refer to a resource.
data "fleet_inventory" "this" {}

resource "fleet_placement" "payments_api" {
  app         = "payments-api"
  environment = "prod"
  namespace   = "payments"

  inventory = provider::fleet::overlay(
    data.fleet_inventory.this.snapshot,
    [fleet_cluster_registration.payments.record],
  )

  selector = {
    regions             = ["ap-southeast-1"]
    data_classification = ["pci"]
    tier                = ["tier-0"]
    clouds              = ["aws"]
    kubernetes_version  = ">= 1.31"
    match_labels        = { pci = "true" }
    match_expressions = [
      { key = "ingress", operator = "In", values = ["private"] },
    ]
  }

  tolerations = [
    { key = "pci", operator = "Equal", value = "true", effect = "NoSelect" },
  ]

  # One cluster. With clusters in more regions: mode = "active-active", count = 4, min_regions = 2.
  strategy = {
    count                   = 1
    max_clusters_per_region = 2
  }

  # A change beyond these limits is refused, unless its exact fingerprint is acknowledged.
  blast_radius = {
    max_added           = 2
    max_removed         = 1
    max_regions_touched = 1
  }

  emit = {
    argocd = {
      path            = "generated/argocd"
      project         = "payments"
      repo_url        = "https://git.example.com/payments/payments-api.git"
      target_revision = "main"
      source_path     = "deploy/prod"
    }
    json = {
      path = "generated/targets"
    }
  }
}
