action "conformance_announce" "this" {
  config {
    message = "hello"
    times   = 2
    file    = "files/actions/said"
  }
}

resource "conformance_thing" "this" {
  name = "actions"

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.conformance_announce.this]
    }
  }
}
