variable "limit" {
  default = 1
}

resource "conformance_thing" "this" {
  name = "conditions"

  lifecycle {
    precondition {
      condition     = var.limit < 2
      error_message = "No."
    }
    postcondition {
      condition     = self.revision == 1
      error_message = "Not the first revision."
    }
  }
}
