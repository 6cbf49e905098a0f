# By the id of the organizational unit, or by its path.
terraform import fleet_organizational_unit.sandbox ou-ab12-cd34ef56
terraform import fleet_organizational_unit.sandbox Workloads/Sandbox
