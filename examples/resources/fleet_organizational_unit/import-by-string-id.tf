import {
  to = fleet_organizational_unit.prod
  id = "ou-ab12-cd34ef56"
}
