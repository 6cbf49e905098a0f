# What nobody manages in the whole organization. Without a limit Terraform takes 100.
list "fleet_account" "unmanaged" {
  provider = fleet
  limit    = 1000
}

# What nobody manages in one part of it, with what AWS says of each account.
list "fleet_account" "sandboxes" {
  provider         = fleet
  include_resource = true

  config {
    parent = "Workloads/Sandbox"
  }
}
