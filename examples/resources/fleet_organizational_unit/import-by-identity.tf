import {
  to       = fleet_organizational_unit.sandbox
  identity = { id = "ou-ab12-cd34ef56" }
}
