import {
  to       = fleet_organizational_unit.prod
  identity = { id = "ou-ab12-cd34ef56" }
}
