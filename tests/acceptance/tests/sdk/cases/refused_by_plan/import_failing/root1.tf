import {
  to = module.import_failing.conformance_failing.this
  id = "failing"
}
