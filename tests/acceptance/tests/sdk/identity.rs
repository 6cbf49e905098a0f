//! What identifies an object: kept beside its state, and enough to import it.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Sandbox, each_cli};
use serde_json::{Value, json};

use crate::provider::{hcl, sandbox};

const ADDRESS: &str = "conformance_identified.this";

each_cli!(an_object_is_imported_by_its_identity, an_identity_follows_its_object);

/// Identities came with Terraform 1.12 and OpenTofu 1.12: an older one never asks for them.
fn knows_identities(cli: Cli) -> bool {
    cli != Cli::Terraform1_11
}

/// The identity that the state has of the object.
fn identity(sandbox: &Sandbox) -> Result<Value> {
    let state = sandbox.show(&[])?;
    let found = state.pointer("/values/root_module/resources/0").context("no resource in state")?;
    Ok(found["identity"].clone())
}

fn thing(attributes: &str) -> String {
    format!("resource \"conformance_identified\" \"this\" {{\n{attributes}\n}}\n")
}

fn import(identity: &str) -> String {
    format!("import {{\n  to       = {ADDRESS}\n  identity = {{ {identity} }}\n}}\n")
}

fn an_object_is_imported_by_its_identity(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&hcl(&format!("{}{}", import("name = \"a\""), thing("  name = \"a\""))))?;
    if !knows_identities(cli) {
        let refused = sandbox.try_apply(&[])?.failure()?;
        assert!(refused.errors().any(|error| error.summary == "Unsupported argument"), "{refused}");
        return Ok(());
    }
    sandbox.apply()?;
    assert_eq!(identity(&sandbox)?, json!({ "name": "a", "region": "eu" }));
    assert_eq!(sandbox.state()?.resource(ADDRESS)?.values["id"], "eu/a");
    sandbox.assert_unchanged()?;

    sandbox.try_destroy(&[])?.success()?;
    let missing = format!("{}{}", import("name = \"missing\""), thing("  name = \"missing\""));
    sandbox.hcl_whole(&hcl(&missing))?;
    let refused = sandbox.try_apply(&[])?.failure()?;
    let error = refused.errors().next().context("no error")?;
    assert_eq!(error.summary, "Nothing to import");
    assert!(error.detail.contains("`{\"name\":\"missing\",\"region\":null}`"), "{error}");
    Ok(())
}

fn an_identity_follows_its_object(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    let wanted = |name: &str| match knows_identities(cli) {
        true => json!({ "name": name, "region": "us" }),
        false => Value::Null,
    };
    sandbox.hcl_whole(&hcl(&thing("  name = \"a\"\n  region = \"us\"")))?;
    sandbox.apply()?;
    assert_eq!(identity(&sandbox)?, wanted("a"));

    // An update keeps it, and a replacement has its own.
    sandbox.hcl_whole(&hcl(&thing("  name = \"a\"\n  region = \"us\"\n  note = \"n\"")))?;
    assert_eq!(sandbox.plan()?.actions[ADDRESS], "update");
    sandbox.apply_saved()?.success()?;
    assert_eq!(identity(&sandbox)?, wanted("a"));
    sandbox.hcl_whole(&hcl(&thing("  name = \"b\"\n  region = \"us\"")))?;
    assert_eq!(sandbox.plan()?.actions[ADDRESS], "replace");
    sandbox.apply_saved()?.success()?;
    assert_eq!(identity(&sandbox)?, wanted("b"));

    // A state from before there were identities gets one with the next write.
    let mut state: Value = serde_json::from_str(&sandbox.state_bytes()?)?;
    let instance = &mut state["resources"][0]["instances"][0];
    let instance = instance.as_object_mut().context("no instance")?;
    instance.remove("identity");
    instance.remove("identity_schema_version");
    sandbox.write("work/terraform.tfstate", &state.to_string())?;
    sandbox.hcl_whole(&hcl(&thing("  name = \"b\"\n  region = \"us\"\n  note = \"n\"")))?;
    sandbox.apply()?;
    assert_eq!(identity(&sandbox)?, wanted("b"));
    sandbox.assert_unchanged()
}
