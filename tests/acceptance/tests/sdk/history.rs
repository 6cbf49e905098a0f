//! States of older schema versions, and objects that were of another type.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Sandbox, each_cli};
use serde_json::{Value, json};

use crate::provider::{ADDRESS as PROVIDER, hcl, sandbox};

const ADDRESS: &str = "conformance_versioned.this";

each_cli!(
    a_state_of_an_older_version_is_upgraded,
    a_state_of_a_newer_version_is_left_alone,
    objects_move_in_from_other_types,
    what_cannot_move_says_why,
);

/// Puts an object into state as an older or newer provider would have.
fn stored(cli: Cli, sandbox: &Sandbox, version: i64, attributes: &Value) -> Result<()> {
    let state = json!({
        "version": 4,
        "terraform_version": "1.5.0",
        "serial": 1,
        "lineage": "5c9d4a2e-8f5b-4b7e-9d8a-3f1f0f6f2c11",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": "conformance_versioned",
            "name": "this",
            "provider": format!("provider[\"{}/{PROVIDER}\"]", cli.registry()),
            "instances": [{ "schema_version": version, "attributes": attributes }],
        }],
    });
    sandbox.write("work/terraform.tfstate", &state.to_string())
}

fn thing(attributes: &str) -> String {
    hcl(&format!(
        "resource \"conformance_versioned\" \"this\" {{\n  name = \"a\"\n{attributes}\n}}\n"
    ))
}

fn a_state_of_an_older_version_is_upgraded(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    for (version, attributes, now) in [
        (0, json!({ "name": "a", "label": "x" }), "  labels = { label = \"x\" }"),
        (
            1,
            json!({ "name": "a", "labels": ["k=v", "l=w"], "size": "7" }),
            "  labels = { k = \"v\", l = \"w\" }\n  size = 7",
        ),
        // What a version of the same number had beside is passed over.
        (2, json!({ "name": "a", "size": 7, "id": "versioned-a", "gone": true }), "  size = 7"),
    ] {
        stored(cli, &sandbox, version, &attributes)?;
        sandbox.hcl_whole(&thing(now))?;
        sandbox.assert_unchanged()?;
        sandbox.hcl_whole(&thing("  size = 9"))?;
        sandbox.apply()?;
        let state = sandbox.state()?;
        let values = &state.resource(ADDRESS)?.values;
        let wanted = json!({ "name": "a", "labels": null, "size": 9, "id": "versioned-a" });
        for (name, value) in wanted.as_object().context("no object")? {
            assert_eq!(&values[name], value, "{name} from version {version}");
        }
        sandbox.assert_unchanged()?;
    }
    Ok(())
}

fn a_state_of_a_newer_version_is_left_alone(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    stored(cli, &sandbox, 3, &json!({ "name": "a" }))?;
    let before = sandbox.state_bytes()?;
    sandbox.hcl_whole(&thing(""))?;
    let refused = sandbox.try_apply(&[])?.failure()?;
    assert!(refused.errors().any(|error| error.summary.contains("newer provider")), "{refused}");
    assert_eq!(sandbox.state_bytes()?, before);
    Ok(())
}

fn objects_move_in_from_other_types(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&hcl("resource \"terraform_data\" \"old\" {\n  input = \"ours\"\n}\n\n\
         resource \"conformance_thing\" \"old\" {\n  name = \"theirs\"\n}\n"))?;
    sandbox.apply()?;
    sandbox.hcl_whole(&hcl(
        "moved {\n  from = terraform_data.old\n  to   = conformance_versioned.data\n}\n\n\
         moved {\n  from = conformance_thing.old\n  to   = conformance_versioned.thing\n}\n\n\
         resource \"conformance_versioned\" \"data\" {\n  name = \"ours\"\n}\n\n\
         resource \"conformance_versioned\" \"thing\" {\n  name = \"theirs\"\n}\n",
    ))?;
    sandbox.apply()?;
    let state = sandbox.state()?;
    assert_eq!(state.resources.len(), 2);
    for (name, id) in [("data", "versioned-ours"), ("thing", "versioned-theirs")] {
        let address = format!("conformance_versioned.{name}");
        assert_eq!(state.resource(&address)?.values["id"], id);
    }
    sandbox.assert_unchanged()
}

fn what_cannot_move_says_why(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&thing(""))?;
    sandbox.apply()?;
    sandbox.hcl_whole(&hcl(
        "moved {\n  from = conformance_versioned.this\n  to   = conformance_identified.this\n}\n\n\
         resource \"conformance_identified\" \"this\" {\n  name = \"a\"\n}\n",
    ))?;
    let refused = sandbox.try_apply(&[])?.failure()?;
    let error = refused.errors().next().context("no error")?;
    assert_eq!(error.summary, "Move is not supported", "{refused}");
    assert!(error.detail.contains("Take the `moved` block out."), "{error}");
    assert_eq!(sandbox.state()?.resources.len(), 1);
    Ok(())
}
