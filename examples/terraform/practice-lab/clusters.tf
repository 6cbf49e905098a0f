# Three kinds of cluster, each once in each region, each in an account of its own.

locals {
  cluster_kinds = {
    nonprod-shared = {
      account     = "nonprod-workloads"
      environment = "nonprod" # serves dev, test and staging
      data        = "internal"
      tier        = "tier-2"
      owner       = "platform"
      policy      = "baseline"
      labels      = {}
      taints      = []
    }
    prod-general = {
      account     = "prod-workloads"
      environment = "prod"
      data        = "customer"
      tier        = "tier-1"
      owner       = "platform"
      policy      = "restricted"
      labels      = {}
      taints      = []
    }
    # The taint keeps everything away that does not tolerate it; the label lets payments ask for
    # exactly these clusters.
    prod-payments = {
      account     = "payments-prod"
      environment = "prod"
      data        = "pci"
      tier        = "tier-0"
      owner       = "payments-platform"
      policy      = "restricted"
      labels      = { pci = "true" }
      taints      = [{ key = "pci", value = "true", effect = "NoSelect" }]
    }
  }

  # The names of clusters that are to be emptied for a while.
  maintenance = []

  clusters = merge([
    for kind, cluster in local.cluster_kinds : {
      for city, region in local.regions : "${kind}-${city}" => merge(cluster, {
        region  = region
        account = "${cluster.account}-${city}"
        labels  = merge(cluster.labels, { city = city })
        taints = concat(cluster.taints, [
          for name in local.maintenance : { key = "maintenance", value = "", effect = "NoSelect" }
          if name == "${kind}-${city}"
        ])
      })
    }
  ]...)
}

# A cluster is admitted to new placements once its account is ready; until then it is registered
# and waits.
resource "fleet_cluster_registration" "this" {
  for_each = local.clusters

  name                = each.key
  account             = fleet_account.this[each.value.account].key
  environment         = each.value.environment
  region              = each.value.region
  cloud               = "aws"
  data_classification = each.value.data
  owner               = each.value.owner
  tier                = each.value.tier
  kubernetes_version  = "1.32"
  labels              = each.value.labels
  taints              = each.value.taints

  gitops = {
    engine          = "argocd"
    controller_mode = "local"
  }
  policies = {
    baseline           = each.value.policy
    image_verification = each.value.environment == "prod" ? "required" : "audit"
  }
  networking = {
    ingress_class = "private-gateway"
    egress_policy = "restricted"
  }

  lifecycle_state = var.cluster_lifecycle
}

# The inventory as it is in the store. It refers to no resource, so it is read while planning.
data "fleet_inventory" "this" {}

locals {
  # The inventory as this plan is going to leave it: what is in the store, with the records of the
  # clusters above laid over it. That is why the first plan of a new fleet already shows targets.
  fleet = provider::fleet::overlay(
    data.fleet_inventory.this.snapshot,
    values(fleet_cluster_registration.this)[*].record,
  )
}
