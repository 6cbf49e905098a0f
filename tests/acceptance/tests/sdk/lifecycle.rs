//! An object's whole life: created, changed, replaced, imported, destroyed, and never a plan for nothing.

use anyhow::Result;
use fleet_acceptance::{Cli, each_cli};
use serde_json::json;

use crate::provider::{hcl, sandbox};

const ADDRESS: &str = "conformance_thing.this";

each_cli!(a_thing_lives_its_life, a_thing_is_imported);

fn thing(attributes: &str) -> String {
    hcl(&format!("resource \"conformance_thing\" \"this\" {{\n  name = \"a\"\n{attributes}\n}}\n"))
}

fn a_thing_lives_its_life(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&thing("  text = \"one\"\n  disks = [{ name = \"d\" }]"))?;
    let plan = sandbox.plan()?;
    assert_eq!(plan.after(ADDRESS)?["length"], 3);
    assert!(plan.is_unknown(ADDRESS, "id"));
    sandbox.apply_saved()?.success()?;
    sandbox.assert_unchanged()?;
    let state = sandbox.state()?;
    let values = &state.resource(ADDRESS)?.values;
    assert_eq!(values["id"], "thing-a");
    assert_eq!(
        values["disks"],
        json!([{"name": "d", "gigabytes": 10, "partitions": null, "kind": null, "id": "disk-d"}])
    );

    sandbox.hcl_whole(&thing("  text = \"three\""))?;
    assert_eq!(sandbox.plan()?.actions[ADDRESS], "update");
    sandbox.apply_saved()?.success()?;
    assert_eq!(sandbox.state()?.resource(ADDRESS)?.values["revision"], 2);

    sandbox.hcl_whole(&thing("  text = \"three\"\n  zone = \"b\""))?;
    assert_eq!(sandbox.plan()?.actions[ADDRESS], "replace");
    sandbox.apply_saved()?.success()?;
    sandbox.assert_unchanged()?;

    sandbox.try_destroy(&[])?.success()?;
    assert!(sandbox.state()?.resources.is_empty());
    Ok(())
}

fn a_thing_is_imported(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&thing(""))?;
    sandbox.run(&["import", ADDRESS, "a"])?.failure()?;
    sandbox.run(&["import", ADDRESS, "thing-a"])?.success()?;
    sandbox.assert_unchanged()
}
