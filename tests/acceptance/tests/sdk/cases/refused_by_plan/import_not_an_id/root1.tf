import {
  to = module.import_not_an_id.conformance_identified.this
  id = "no such id"
}
