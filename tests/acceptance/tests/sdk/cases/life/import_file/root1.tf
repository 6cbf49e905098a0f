import {
  to = module.import_file.conformance_file.this
  id = "files/import_file/imported"
}
