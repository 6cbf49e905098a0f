action "conformance_announce" "this" {
  config {
    message = "hello again"
    file    = "files/actions/said"
  }
}

resource "conformance_thing" "this" {
  name = "actions"
  text = "changed"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.conformance_announce.this]
    }
  }
}

data "conformance_echo" "said" {
  text = "files/actions/said"

  depends_on = [conformance_thing.this]
}
