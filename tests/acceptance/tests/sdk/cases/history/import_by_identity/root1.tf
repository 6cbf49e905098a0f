import {
  to = module.import_by_identity.conformance_identified.this

  identity = {
    name = "a"
  }
}

import {
  to = module.import_by_identity.conformance_identified.changed

  identity = {
    name   = "b"
    region = "us"
  }
}
