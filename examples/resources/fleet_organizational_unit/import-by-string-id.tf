# By its id, or by its path from below the root: "Workloads/Prod".
import {
  to = fleet_organizational_unit.prod
  id = "ou-ab12-cd34ef56"
}
