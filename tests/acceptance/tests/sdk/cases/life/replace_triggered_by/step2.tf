resource "terraform_data" "trigger" {
  input = 2
}

resource "conformance_thing" "this" {
  name = "triggered"

  lifecycle {
    replace_triggered_by = [terraform_data.trigger]
  }
}
