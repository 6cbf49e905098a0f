//! Destroy is the last step of decommissioning: refused until then, by whatever way it comes.

use std::fs;

use anyhow::Result;
use fleet_acceptance::{Aws, Cli, Workspace, each_cli, one_cli};
use serde_json::json;

use crate::account::{members, tags, vended};
use crate::hcl::{Block, account, all, cluster, unit};
use crate::inventory;

each_cli!(
    an_active_account_is_not_destroyed,
    an_account_is_never_replaced,
    another_resources_change_replaces_no_account,
    a_renamed_block_wants_moved,
    a_tainted_account_is_not_replaced,
    a_plan_that_was_saved_before_does_not_destroy,
    an_active_registration_is_not_destroyed,
);

one_cli!(
    a_retired_account_is_released,
    a_retired_account_is_closed_when_asked_for,
    an_account_that_left_meanwhile_is_not_called_released,
    nothing_is_forgotten_with_the_credentials_of_another_organization,
    a_retired_registration_leaves_the_inventory,
);

/// What shows that nothing happened to the account.
fn assert_untouched(workspace: &Workspace, id: &str) -> Result<()> {
    let account =
        workspace.aws.call("organizations", "describe_account", &json!({"AccountId": id}))?;
    assert_eq!(account["Account"]["State"], "ACTIVE");
    assert_eq!(tags(workspace, id)?["fleet:managed-by"], "acceptance");
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("id")?, id);
    Ok(())
}

fn an_active_account_is_not_destroyed(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let run = workspace.try_destroy(&[])?.failure()?;
    assert!(run.errors().any(|error| error.detail.contains("retired")), "{run}");
    assert_untouched(&workspace, &id)?;
    // The block is gone from the configuration.
    workspace.hcl("")?;
    workspace.try_plan(&[])?.failure()?;
    workspace.try_apply(&[])?.failure()?;
    assert_untouched(&workspace, &id)
}

fn an_account_is_never_replaced(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    for way in [&["-replace=fleet_account.a"][..], &["-replace=fleet_account.a", "-refresh=false"]]
    {
        workspace.try_plan(way)?.failure()?;
        workspace.try_apply(way)?.failure()?;
        assert_untouched(&workspace, &id)?;
    }
    let first = "lifecycle {\n    create_before_destroy = true\n  }\n";
    let text = account("a").to_string().replace("}\n\n", &format!("  {first}}}\n\n"));
    assert!(text.contains("create_before_destroy"));
    workspace.hcl(&text)?;
    workspace.try_apply(&["-replace=fleet_account.a"])?.failure()?;
    assert_untouched(&workspace, &id)?;
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}

/// `replace_triggered_by` plans a create only, like `-replace`.
fn another_resources_change_replaces_no_account(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let trigger = |input: &str| {
        format!("resource \"terraform_data\" \"trigger\" {{\n  input = \"{input}\"\n}}\n")
    };
    let triggered = |input: &str| {
        let lifecycle =
            "  lifecycle {\n    replace_triggered_by = [terraform_data.trigger]\n  }\n}\n\n";
        let text = account("a").to_string().replace("}\n\n", lifecycle);
        assert!(text.contains("replace_triggered_by"));
        text + &trigger(input)
    };
    // To OpenTofu, the trigger's own create is a change.
    workspace.hcl(&(account("a").to_string() + &trigger("1")))?;
    workspace.apply()?;
    workspace.hcl(&triggered("2"))?;
    workspace.try_plan(&[])?.failure()?;
    workspace.try_apply(&[])?.failure()?;
    assert_untouched(&workspace, &id)?;
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.hcl(&triggered("1"))?;
    workspace.assert_unchanged()
}

/// A block that is renamed without `moved` is a destroy and a create of the same key.
fn a_renamed_block_wants_moved(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let renamed =
        account("a").to_string().replace(r#""fleet_account" "a""#, r#""fleet_account" "b""#);
    assert!(renamed.contains(r#""fleet_account" "b""#));
    workspace.hcl(&renamed)?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.errors().any(|error| error.detail.contains("moved")), "{run}");
    assert_untouched(&workspace, &id)?;
    workspace.hcl(&format!(
        "{renamed}moved {{\n  from = fleet_account.a\n  to   = fleet_account.b\n}}\n"
    ))?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.b")?.string("id")?, id);
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}

fn a_tainted_account_is_not_replaced(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.run(&["taint", "fleet_account.a"])?.success()?;
    workspace.try_apply(&[])?.failure()?;
    assert_untouched(&workspace, &id)?;
    workspace.run(&["untaint", "fleet_account.a"])?.success()?;
    workspace.assert_unchanged()
}

/// The account was retired when the plan was made; before it is applied, another manager takes over.
fn a_plan_that_was_saved_before_does_not_destroy(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.hcl(&retired().to_string())?;
    workspace.apply()?;
    workspace.hcl("")?;
    workspace.plan()?;
    let taken =
        json!({"ResourceId": id, "Tags": [{"Key": "fleet:managed-by", "Value": "somebody-else"}]});
    workspace.aws.call("organizations", "tag_resource", &taken)?;
    let run = workspace.apply_saved()?.failure()?;
    assert!(run.to_string().contains("somebody-else"), "{run}");
    assert_eq!(tags(&workspace, &id)?["fleet:managed-by"], "somebody-else");
    Ok(())
}

fn retired() -> Block {
    account("a").text("lifecycle_state", "retired")
}

fn a_retired_account_is_released(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.hcl(&retired().to_string())?;
    workspace.apply()?;
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.a")?.string("lifecycle_phase")?, "retired");
    workspace.assert_unchanged()?;

    workspace.hcl("")?;
    let run = workspace.apply()?;
    assert!(run.warnings().count() > 0, "a release is told: {run}");
    assert!(workspace.state()?.resources.is_empty());
    let account =
        workspace.aws.call("organizations", "describe_account", &json!({"AccountId": id}))?;
    assert_eq!(account["Account"]["State"], "ACTIVE", "it stays in the organization");
    let tags = tags(&workspace, &id)?;
    assert!(tags.get("fleet:managed-by").is_none(), "{tags}");
    assert_eq!(tags["fleet:released-from"], "acceptance");
    assert!(!workspace.file("inventory/accounts/a.yaml").exists());
    Ok(())
}

fn a_retired_account_is_closed_when_asked_for(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.hcl(&retired().set("close_on_deletion", "true").to_string())?;
    workspace.apply()?;
    // Somebody takes off what says whose it is: told in the plan, and an apply puts it back.
    let untag = json!({"ResourceId": id, "TagKeys": ["fleet:managed-by"]});
    workspace.aws.call("organizations", "untag_resource", &untag)?;
    workspace.try_plan(&["-destroy"])?.failure()?.error("FLEET0130")?;
    workspace.try_destroy(&["-refresh=false"])?.failure()?.error("FLEET0130")?;
    workspace.apply()?;

    // An inventory that cannot be opened proves nothing: not even a saved plan closes without it.
    workspace.plan_with(&["-destroy"])?;
    let (inventory, away) = (workspace.file("inventory"), workspace.file("away"));
    fs::rename(&inventory, &away)?;
    workspace.apply_saved()?.failure()?.error("FLEET0301")?;
    fs::rename(&away, &inventory)?;
    let described =
        || workspace.aws.call("organizations", "describe_account", &json!({"AccountId": id}));
    assert_eq!(described()?["Account"]["State"], "ACTIVE");
    workspace.try_destroy(&[])?.success()?;
    let account = described()?;
    let state = account["Account"]["State"].as_str().unwrap_or_default();
    assert!(["PENDING_CLOSURE", "CLOSED"].contains(&state), "{account}");
    assert!(workspace.state()?.resources.is_empty());
    Ok(())
}

fn nothing_is_forgotten_with_the_credentials_of_another_organization(cli: Cli) -> Result<()> {
    let (workspace, _) = vended(cli)?;
    workspace.hcl(&all(&[&account("a"), &unit("prod", "Prod")]))?;
    workspace.apply()?;
    let state = workspace.state()?;
    let other = Aws::start(&[])?;
    for arguments in [
        &["plan"][..],
        &["destroy", "-auto-approve", "-refresh=false", "-target=fleet_account.a"],
        &["destroy", "-auto-approve", "-refresh=false", "-target=fleet_organizational_unit.prod"],
    ] {
        let ran = workspace.command(arguments).envs(other.variables()).output()?;
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!ran.status.success() && said.contains("FLEET0160"), "{arguments:?}: {said}");
    }
    assert_eq!(workspace.state()?.resources, state.resources);
    assert!(workspace.file("inventory/accounts/a.yaml").exists());
    workspace.assert_unchanged()
}

fn an_account_that_left_meanwhile_is_not_called_released(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.hcl(&retired().to_string())?;
    workspace.apply()?;
    let gone = json!({"AccountId": id});
    workspace.aws.call("organizations", "remove_account_from_organization", &gone)?;
    let run = workspace.try_destroy(&["-refresh=false"])?.success()?;
    assert!(run.warning("FLEET0114")?.summary.contains("has left"), "{run}");
    assert!(workspace.state()?.resources.is_empty());
    assert!(!workspace.file("inventory/accounts/a.yaml").exists());
    Ok(())
}

fn an_active_registration_is_not_destroyed(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.hcl(&cluster("c1", "shop").to_string())?;
    workspace.apply()?;
    let file = workspace.read("inventory/clusters/c1.yaml")?;
    workspace.try_destroy(&[])?.failure()?.error("FLEET0306")?;
    workspace
        .try_apply(&["-replace=fleet_cluster_registration.c1"])?
        .failure()?
        .error("FLEET0307")?;
    workspace.run(&["taint", "fleet_cluster_registration.c1"])?.success()?;
    workspace.try_apply(&[])?.failure()?.error("FLEET0307")?;
    assert_eq!(workspace.read("inventory/clusters/c1.yaml")?, file);
    Ok(())
}

fn a_retired_registration_leaves_the_inventory(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.hcl(&cluster("c1", "shop").to_string())?;
    workspace.apply()?;
    workspace.hcl(&cluster("c1", "shop").text("lifecycle_state", "retired").to_string())?;
    // An inventory that lacks the file is another one.
    let (file, away) = (workspace.file("inventory/clusters/c1.yaml"), workspace.file("away"));
    fs::rename(&file, &away)?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0317")?;
    fs::rename(&away, &file)?;
    workspace.apply()?;
    let state = workspace.state()?;
    assert_eq!(
        state.resource("fleet_cluster_registration.c1")?.string("lifecycle_phase")?,
        "retired"
    );
    workspace.assert_unchanged()?;
    workspace.hcl("")?;
    workspace.apply()?;
    assert!(!workspace.file("inventory/clusters/c1.yaml").exists());
    assert!(workspace.file("inventory/accounts/shop.yaml").exists());
    Ok(())
}
