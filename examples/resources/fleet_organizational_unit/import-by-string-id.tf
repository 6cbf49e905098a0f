# By its id, or by its path from below the root: "Workloads/Sandbox".
import {
  to = fleet_organizational_unit.sandbox
  id = "ou-ab12-cd34ef56"
}
