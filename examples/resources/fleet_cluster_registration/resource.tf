resource "fleet_cluster_registration" "payments" {
  name                = "prod-ap-southeast-1-payments-01"
  account             = fleet_account.payments_prod.key
  environment         = "prod"
  region              = "ap-southeast-1"
  cloud               = "aws"
  zones               = ["ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"]
  data_classification = "pci"
  owner               = "payments-platform"
  tier                = "tier-0"
  kubernetes_version  = "1.32"

  # What selectors match.
  labels = {
    pci     = "true"
    ingress = "private"
  }

  # What keeps workloads away that do not tolerate it.
  taints = [
    { key = "pci", value = "true", effect = "NoSelect" },
  ]

  gitops = {
    engine          = "argocd"
    controller_mode = "local"
  }
  policies = {
    baseline           = "restricted"
    image_verification = "required"
  }
  networking = {
    ingress_class = "private-gateway"
    egress_policy = "restricted"
  }

  lifecycle {
    # For a pipeline that is to stop, where otherwise there is a warning, while the account is not ready.
    postcondition {
      condition     = self.admitted
      error_message = "The account ${self.account} is not ready; see its readiness.findings."
    }
  }
}
