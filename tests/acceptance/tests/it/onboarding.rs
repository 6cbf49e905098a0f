//! By an onboarding parent: what happens there, where it is corrected, and where it is gone.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, one_cli};
use serde_json::{Value, json};

use crate::hcl::{Block, account, all, unit};

one_cli!(it_is_baselined_in_its_onboarding_parent, an_onboarding_parent_is_corrected_and_may_go);

/// The parent of the account at AWS.
fn parent_at_aws(workspace: &Workspace, id: &str) -> Result<Value> {
    let asked = json!({"ChildId": id});
    let found = workspace.aws.call("organizations", "list_parents", &asked)?;
    Ok(found["Parents"][0]["Id"].clone())
}

fn it_is_baselined_in_its_onboarding_parent(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (onboarding, prod) = (unit("onboarding", "Onboarding"), unit("prod", "Prod"));
    let units = all(&[&onboarding, &prod]);
    workspace.hcl(&units)?;
    workspace.apply()?;
    let state = workspace.state()?;
    let at = |label: &str| state.resource(label)?.string("id").map(str::to_owned);
    let (onboarding, prod) =
        (at("fleet_organizational_unit.onboarding")?, at("fleet_organizational_unit.prod")?);

    let asked = |by: &str| account("a").text("parent", "Prod").text("onboarding_parent", by);
    workspace.hcl(&all(&[&units, &asked("Onbording")]))?;
    let run = workspace.run(&["plan", "-json"])?.failure()?;
    assert!(run.error("FLEET0506")?.detail.contains("Onboarding"), "{run}");

    // What its baseline needs is denied, there too: it stays, and its parent's clusters never meet it.
    deny_baseline(&workspace)?;
    workspace.hcl(&all(&[&units, &asked("Onboarding")]))?;
    let run = workspace.try_apply(&[])?.success()?;
    assert!(run.warning("FLEET0112")?.summary.contains("in its onboarding parent"), "{run}");
    let state = workspace.state()?;
    let found = state.resource("fleet_account.a")?;
    let id = found.string("id")?.to_owned();
    assert_eq!((found.string("phase")?, found.string("parent_id")?), ("regions", &*onboarding));
    assert_eq!(parent_at_aws(&workspace, &id)?, *onboarding);

    workspace.aws.emulator()?.delete("faults")?;
    assert_eq!(workspace.plan()?.actions["fleet_account.a"], "update");
    workspace.apply()?;
    let state = workspace.state()?;
    let found = state.resource("fleet_account.a")?;
    assert_eq!((found.string("phase")?, found.string("parent_id")?), ("ready", &*prod));
    assert_eq!(parent_at_aws(&workspace, &id)?, *prod);
    workspace.assert_unchanged()?;

    // An import reads it back, and without it nothing happens to an account that is where it belongs.
    workspace.run(&["state", "rm", "fleet_account.a"])?.success()?;
    workspace.run(&["import", "fleet_account.a", &id])?.success()?;
    workspace.assert_unchanged()?;
    workspace.hcl(&all(&[&units, &account("a").text("parent", "Prod")]))?;
    workspace.apply()?;
    assert_eq!(parent_at_aws(&workspace, &id)?, *prod);
    workspace.assert_unchanged()
}

/// Makes what the baseline needs fail, wherever the account is.
fn deny_baseline(workspace: &Workspace) -> Result<()> {
    let fault = json!({
        "operation": "UpdateAccountPasswordPolicy", "kind": "error", "code": "LimitExceeded", "times": 99,
    });
    workspace.aws.emulator()?.post("faults", &fault)?;
    Ok(())
}

fn an_onboarding_parent_is_corrected_and_may_go(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let aws = &workspace.aws;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
    let root = text(&aws.call("organizations", "list_roots", &json!({}))?["Roots"][0]["Id"])?;
    let make = |name: &str| {
        let unit = json!({"ParentId": root, "Name": name});
        let made = aws.call("organizations", "create_organizational_unit", &unit)?;
        text(&made["OrganizationalUnit"]["Id"])
    };
    let (wrong, right, prod, test) =
        (make("Onboarding")?, make("Preparation")?, make("Prod")?, make("Test")?);
    let asked = |parent: &str, by: &str| -> Block {
        account("a").text("parent", parent).text("onboarding_parent", by)
    };

    deny_baseline(&workspace)?;
    workspace.hcl(&asked("Prod", "Onboarding").to_string())?;
    workspace.try_apply(&[])?.success()?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    assert_eq!(parent_at_aws(&workspace, &id)?, *wrong);
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains(&wrong));
    workspace.hcl(&asked("Prod", "Preparation").to_string())?;
    workspace.try_apply(&[])?.success()?;
    assert_eq!(parent_at_aws(&workspace, &id)?, *right, "not straight to its parent");
    workspace.aws.emulator()?.delete("faults")?;
    workspace.apply()?;
    assert_eq!(parent_at_aws(&workspace, &id)?, *prod);
    workspace.assert_unchanged()?;

    // Both are gone: it is no matter to an account that would not go there.
    for unit in [wrong, right] {
        let gone = json!({"OrganizationalUnitId": unit});
        aws.call("organizations", "delete_organizational_unit", &gone)?;
    }
    workspace.assert_unchanged()?;
    workspace.hcl(&asked("Test", "Preparation").to_string())?;
    workspace.apply()?;
    assert_eq!(parent_at_aws(&workspace, &id)?, *test);
    workspace.assert_unchanged()?;

    // One that would is told so, and the state says where it is.
    let back = json!({"AccountId": id, "SourceParentId": test, "DestinationParentId": root});
    aws.call("organizations", "move_account", &back)?;
    workspace.hcl(&asked("Prod", "Preparation").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    let said = run.error("FLEET0506")?;
    let place = said.snippet.as_ref().map(|of| of.code.as_str()).unwrap_or_default();
    assert!(place.contains("onboarding_parent"), "{run}");
    assert_eq!(parent_at_aws(&workspace, &id)?, *root);
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.a")?.string("parent")?, root);
    workspace.hcl(&account("a").text("parent", "Prod").to_string())?;
    workspace.apply()?;
    assert_eq!(parent_at_aws(&workspace, &id)?, *prod);
    workspace.assert_unchanged()
}
