import {
  to = module.import_missing.conformance_identified.this

  identity = {
    name = "missing"
  }
}
