//! A life under Control Tower: enrolled where it belongs, told why not, and never written to.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, one_cli};
use serde_json::{Value, json};

use crate::hcl::{Block, account};

one_cli!(an_account_lives_under_control_tower);

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).context("no text")
}

/// The calls of Control Tower's that changed something, and how often an account was moved.
fn written(workspace: &Workspace) -> Result<(Vec<String>, u64)> {
    let calls = workspace.aws.emulator()?.calls()?;
    let moves = calls.get("organizations:MoveAccount").copied().unwrap_or(0);
    let writes = |call: &&String| {
        let of = call.strip_prefix("controltower:");
        of.is_some_and(|of| !of.starts_with("Get") && !of.starts_with("List"))
    };
    Ok((calls.keys().filter(writes).cloned().collect(), moves))
}

fn an_account_lives_under_control_tower(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (aws, emulator) = (&workspace.aws, workspace.aws.emulator()?);
    let root = text(&aws.call("organizations", "list_roots", &json!({}))?["Roots"][0]["Id"])?;
    let make = |name: &str| {
        let unit = json!({"ParentId": root, "Name": name});
        let made = aws.call("organizations", "create_organizational_unit", &unit)?;
        text(&made["OrganizationalUnit"]["Id"])
    };
    let (prod, test) = (make("Prod")?, make("Test")?);
    // Its home is not the region of the provider block.
    let land = |values: &Value| emulator.post("landing-zone", values);
    land(&json!({"home": "eu-west-1", "units": [prod], "auto_enrolment": false}))?;
    let asked = |name: &str, parent: &str| -> Block { account(name).text("parent", parent) };

    // Nobody would enrol it: the plan says so, and where it is not registered.
    workspace.hcl(&asked("a", "Prod").to_string())?;
    let run = workspace.try_plan(&[])?.failure()?;
    let said = run.error("FLEET0240")?;
    assert!(said.detail.contains("eu-west-1") && said.detail.contains("by hand"), "{run}");
    let place = said.snippet.as_ref().map(|of| of.code.as_str()).unwrap_or_default();
    assert!(place.contains("parent"), "{run}");
    workspace.hcl(&asked("a", "Test").to_string())?;
    let run = workspace.try_plan(&[])?.success()?;
    assert!(run.warning("FLEET0241")?.summary.contains(&test), "{run}");

    // With auto-enrolment it is moved, waited for, and ready; of two, one after the other.
    land(&json!({"auto_enrolment": true, "enrol_looks": 2}))?;
    emulator.forget_calls()?;
    let both = format!("{}{}", asked("a", "Prod"), asked("b", "Prod"));
    workspace.hcl(&both)?;
    workspace.apply()?;
    let state = workspace.state()?;
    for label in ["fleet_account.a", "fleet_account.b"] {
        assert_eq!(state.resource(label)?.string("phase")?, "ready", "{label}");
    }
    assert_eq!(written(&workspace)?, (vec![], 2), "one move each, and no conflict");
    workspace.assert_unchanged()?;

    // Moved by hand into another registered unit, where nobody enrols it: no longer ready, and told.
    land(&json!({"units": [prod, test], "auto_enrolment": false}))?;
    let id = state.resource("fleet_account.a")?.string("id")?.to_owned();
    let away = json!({"AccountId": id, "SourceParentId": prod, "DestinationParentId": test});
    aws.call("organizations", "move_account", &away)?;
    workspace.hcl(&format!("{}{}", asked("a", "Test"), asked("b", "Prod")))?;
    let run = workspace.try_apply(&[])?.success()?;
    let told = run.warning("FLEET0242")?;
    assert!(told.detail.contains("baseline of another unit"), "{run}");
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.a")?.string("phase")?, "placed");
    assert_eq!(state.resource("fleet_account.b")?.string("phase")?, "ready");
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains("ready: false"));
    // Back where it was enrolled it is as before.
    let back = json!({"AccountId": id, "SourceParentId": test, "DestinationParentId": prod});
    aws.call("organizations", "move_account", &back)?;
    workspace.hcl(&both)?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("phase")?, "ready");
    workspace.assert_unchanged()?;

    // What Control Tower says of a failure is told, and the next apply goes on once it is mended.
    let fails = ["A configuration\nrecorder exists."];
    land(&json!({"auto_enrolment": true, "enrol_looks": 0, "fails": fails}))?;
    workspace.hcl(&format!("{both}{}", asked("c", "Prod")))?;
    let run = workspace.try_apply(&[])?.success()?;
    let told = run.warning("FLEET0242")?;
    assert!(told.detail.contains("A configuration recorder exists."), "{run}");
    let state = workspace.state()?;
    let failed = state.resource("fleet_account.c")?;
    assert_eq!(failed.string("phase")?, "placed");
    assert!(failed.string("status_reason")?.contains("A configuration recorder exists"));
    workspace.assert_unchanged()?;
    land(&json!({"resets": prod}))?;
    assert_eq!(workspace.plan()?.actions["fleet_account.c"], "update");
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.c")?.string("phase")?, "ready");
    assert_eq!(written(&workspace)?.0, [""; 0]);
    workspace.assert_unchanged()
}
