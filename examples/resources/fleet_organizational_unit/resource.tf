# Under the root of the organization.
resource "fleet_organizational_unit" "workloads" {
  name = "Workloads"
}

resource "fleet_organizational_unit" "sandbox" {
  name   = "Sandbox"
  parent = fleet_organizational_unit.workloads.id

  tags = {
    tier = "sandbox"
  }
}
