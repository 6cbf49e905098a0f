output "accounts" {
  description = "Every account: where it is and how far it has come."
  value = {
    for key, account in fleet_account.this : key => {
      name            = account.name
      id              = account.id
      ou              = local.organizational_units[local.accounts[key].ou].path
      phase           = account.phase
      ready           = account.ready
      lifecycle_phase = account.lifecycle_phase
    }
  }
}

output "clusters" {
  description = "Every cluster: where it is, and whether new placements may use it."
  value = {
    for name, cluster in fleet_cluster_registration.this : name => {
      account         = cluster.account
      environment     = cluster.environment
      region          = cluster.region
      tier            = cluster.tier
      admitted        = cluster.admitted
      lifecycle_phase = cluster.lifecycle_phase
    }
  }
}

output "placements" {
  description = "Every placement: the clusters it runs on, by region."
  value = {
    for key, placement in fleet_placement.this : key => {
      app         = placement.app
      environment = placement.environment
      targets = {
        for name, target in placement.targets : target.region => name...
      }
    }
  }
}

output "regions_without" {
  description = "For each region, the production services that would be down if it were lost. All lists are empty."
  value = {
    for city, region in local.regions : city => [
      for key, placement in local.placements : key
      if placement.environment == "prod" && length(setsubtract(local.regions_of[key], [region])) == 0
    ]
  }
}
