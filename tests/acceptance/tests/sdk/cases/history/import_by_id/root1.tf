import {
  to = module.import_by_id.conformance_identified.this
  id = "eu/a"
}

import {
  to = module.import_by_id.conformance_identified.changed
  id = "us/b"
}
