# By the id of the organizational unit.
terraform import fleet_organizational_unit.prod ou-ab12-cd34ef56
