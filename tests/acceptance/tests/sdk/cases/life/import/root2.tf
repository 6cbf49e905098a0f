import {
  to = module.import.conformance_thing.same
  id = "thing-same"
}

import {
  to = module.import.conformance_thing.other
  id = "thing-other"
}

import {
  to = module.import.conformance_thing.replaced
  id = "thing-replaced"
}
