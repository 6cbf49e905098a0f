# What the first plan of an empty organization already says: every target, by name.
# These runs create nothing.

variables {
  email_format = "aws+%s@lab.invalid"
}

run "the_whole_fleet_is_planned" {
  command = plan

  assert {
    condition     = length(output.accounts) == 13
    error_message = "The lab has 13 accounts."
  }
  assert {
    condition     = length(output.clusters) == 9
    error_message = "The lab has 9 clusters."
  }
  assert {
    condition     = length(output.placements) == 120
    error_message = "The lab has 30 services in 4 environments."
  }
}

run "production_survives_the_loss_of_any_one_region" {
  command = plan

  assert {
    condition     = alltrue([for services in values(output.regions_without) : length(services) == 0])
    error_message = "A production service runs in one region only."
  }
}

run "payments_are_alone_on_their_clusters" {
  command = plan

  assert {
    condition = alltrue([
      for cluster in flatten(values(output.placements["payments-api-prod"].targets)) :
      startswith(cluster, "prod-payments-")
    ])
    error_message = "A payments service left the payments clusters."
  }
  assert {
    condition = alltrue(flatten([
      for placement in values(output.placements) : [
        for cluster in flatten(values(placement.targets)) : !startswith(cluster, "prod-payments-")
      ] if placement.environment == "prod" && !startswith(placement.app, "payments-")
    ]))
    error_message = "Something else runs on a payments cluster."
  }
}

run "other_environments_share_the_nonprod_clusters" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for placement in values(output.placements) : [
        for cluster in flatten(values(placement.targets)) : startswith(cluster, "nonprod-shared-")
      ] if placement.environment != "prod"
    ]))
    error_message = "Dev, test and staging belong on the nonprod-shared clusters."
  }
}

run "an_empty_fleet_can_be_asked_for" {
  command = plan

  variables {
    place = false
  }

  assert {
    condition     = length(output.placements) == 0
    error_message = "place = false leaves no placement."
  }
}
