//! What is known of values that are not known yet: the CLI decides by it in the plan, whether the provider
//! promises it of its own values or was told it of configured ones.

use anyhow::Result;
use fleet_acceptance::{Cli, each_cli};
use serde_json::json;

use crate::provider::{hcl, sandbox};

each_cli!(what_is_known_of_unknown_values_reaches_the_plan);

const THINGS: &str = r#"
resource "terraform_data" "given" {
  input = "later"
}

resource "conformance_thing" "this" {
  name = "a"
  text = "pre-${terraform_data.given.id}"
}

resource "conformance_thing" "other" {
  name   = "b-${conformance_thing.this.revision}"
  text   = conformance_thing.this.id
  disks  = [{ name = "d-${terraform_data.given.id}" }]
  labels = { a = conformance_thing.this.id }
  extra  = { a = "x-${terraform_data.given.id}" }
}

output "promised" {
  value = {
    not_null     = conformance_thing.this.id != null
    prefix       = startswith(conformance_thing.this.id, "thing-")
    other_prefix = startswith(conformance_thing.this.id, "other-")
    range        = conformance_thing.this.length > -1
    elements     = length(conformance_thing.this.events) > 0
    nothing      = conformance_thing.this.mark != null
  }
}

output "told" {
  value = {
    not_null  = conformance_thing.this.text != null
    prefix    = startswith(conformance_thing.this.text, "pre-")
    passed_on = startswith(conformance_thing.other.text, "thing-")
    nested    = startswith(conformance_thing.other.disks[0].name, "d-")
    element   = startswith(conformance_thing.other.labels["a"], "thing-")
    dynamic   = startswith(conformance_thing.other.extra.a, "x-")
  }
}
"#;

fn what_is_known_of_unknown_values_reaches_the_plan(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&hcl(THINGS))?;
    let plan = sandbox.plan()?;
    for (address, attribute) in [
        ("conformance_thing.this", "id"),
        ("conformance_thing.this", "events"),
        ("conformance_thing.this", "text"),
        ("conformance_thing.other", "text"),
    ] {
        assert!(plan.is_unknown(address, attribute), "{address}.{attribute} is known");
    }
    let outputs = &sandbox.show(&["saved.plan"])?["output_changes"];
    assert_eq!(
        outputs["promised"]["after"],
        json!({
            "not_null": true,
            "prefix": true,
            "other_prefix": false,
            "range": true,
            "elements": true,
        })
    );
    assert_eq!(outputs["promised"]["after_unknown"], json!({ "nothing": true }));
    assert_eq!(
        outputs["told"]["after"],
        json!({
            "not_null": true,
            "prefix": true,
            "passed_on": true,
            "nested": true,
            "element": true,
            "dynamic": true,
        })
    );
    assert_eq!(outputs["told"]["after_unknown"], false);

    sandbox.apply_saved()?.success()?;
    sandbox.assert_unchanged()?;
    let state = sandbox.state()?;
    assert_eq!(state.resource("conformance_thing.other")?.values["text"], "thing-a");
    Ok(())
}
