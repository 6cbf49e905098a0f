import {
  to = module.import_errors.conformance_thing.this
  id = "no such id"
}
