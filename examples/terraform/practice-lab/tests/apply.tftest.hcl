# The life of a fleet: made, kept by a second apply, and taken down in the order in which a fleet is decommissioned. The last
# three runs retire it, so that the destroy at the end of the test is accepted.

# Only against an emulated AWS: its management account is the one that AWS's documentation uses, and any other is refused.
variables {
  allowed_account_ids = ["123456789012"]
  email_format        = "aws+%s@lab.invalid"
}

run "make" {
  command = apply

  assert {
    condition     = alltrue([for account in values(output.accounts) : account.ready])
    error_message = "Not every account became ready: see readiness.findings."
  }
  assert {
    condition     = alltrue([for account in values(output.accounts) : account.phase == "ready"])
    error_message = "An account stopped before the last phase: see status_reason."
  }
  assert {
    condition     = alltrue([for cluster in values(output.clusters) : cluster.admitted])
    error_message = "A cluster is not admitted although its account is ready."
  }
  assert {
    condition     = output.accounts["payments-prod-tokyo"].ou == "Workloads/Payments"
    error_message = "An account is in the wrong organizational unit."
  }
}

run "keep" {
  command = apply

  assert {
    condition     = alltrue([for account in values(output.accounts) : account.ready])
    error_message = "An account is no longer ready."
  }
  assert {
    condition     = alltrue([for cluster in values(output.clusters) : cluster.admitted])
    error_message = "A cluster is no longer admitted."
  }
  assert {
    condition     = length(output.placements) == 120
    error_message = "A placement was lost."
  }
}

run "no_placements" {
  command = apply

  variables {
    place = false
  }

  assert {
    condition     = length(output.placements) == 0
    error_message = "A placement is left."
  }
}

run "clusters_retired" {
  command = apply

  variables {
    place             = false
    cluster_lifecycle = "retired"
  }

  assert {
    condition     = alltrue([for cluster in values(output.clusters) : cluster.lifecycle_phase == "retired"])
    error_message = "A cluster is not retired."
  }
}

run "accounts_retired" {
  command = apply

  variables {
    place             = false
    cluster_lifecycle = "retired"
    account_lifecycle = "retired"
  }

  assert {
    condition     = alltrue([for account in values(output.accounts) : account.lifecycle_phase == "retired"])
    error_message = "An account is not retired."
  }
}
