# Under the root of the organization.
resource "fleet_organizational_unit" "workloads" {
  name = "Workloads"
}

resource "fleet_organizational_unit" "prod" {
  name   = "Prod"
  parent = fleet_organizational_unit.workloads.id

  tags = {
    tier = "prod"
  }
}
