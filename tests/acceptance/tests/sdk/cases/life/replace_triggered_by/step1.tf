resource "terraform_data" "trigger" {
  input = 1
}

resource "conformance_thing" "this" {
  name = "triggered"

  lifecycle {
    replace_triggered_by = [terraform_data.trigger]
  }
}
