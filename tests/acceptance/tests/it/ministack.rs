//! The quickstart's life on ministack, an implementation of AWS's API that shares no code with the emulator of the
//! other tests: what we take for granted from one of them shows on the other.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Backend, Cli, Workspace, one_cli};
use serde_json::json;

use crate::lab::example_in;

one_cli!(the_quickstart_lives_its_life_on_another_emulator);

fn the_quickstart_lives_its_life_on_another_emulator(cli: Cli) -> Result<()> {
    let workspace = Workspace::on(cli, Backend::Ministack)?;
    example_in(&workspace, "quickstart")?;
    workspace.apply()?;
    let state = workspace.state()?;
    let account = state.resource("fleet_account.shop")?;
    assert_eq!(account.values["ready"], true, "{}", account.values["status_reason"]);
    let id = account.string("id")?.to_owned();
    assert_eq!(state.resource("fleet_cluster_registration.shop")?.values["admitted"], true);
    let targets = &state.resource("fleet_placement.web")?.values["targets"];
    assert_eq!(targets["prod-shop-singapore"]["region"], "ap-southeast-1", "{targets}");
    workspace.assert_unchanged()?;

    // A change in place, and a role of ours that somebody took away.
    let aws = &workspace.aws;
    let boundary = json!({"RoleName": "fleet-read-only"});
    aws.call_in(&id, "iam", "delete_role_permissions_boundary", &boundary)?;
    edit(&workspace, "  budget_owner ", "  tags = { team = \"shop-2\" }\n  budget_owner ")?;
    assert_eq!(workspace.plan()?.actions["fleet_account.shop"], "update");
    workspace.apply_saved()?.success()?;
    let tags = aws.call("organizations", "list_tags_for_resource", &json!({"ResourceId": id}))?;
    let tags = tags["Tags"].as_array().context("no tags")?;
    assert!(tags.iter().any(|tag| tag["Value"] == "shop-2"), "{tags:?}");
    workspace.assert_unchanged()?;

    // To the end: what runs there goes first, then the cluster, then the account.
    let text = workspace.read("work/main.tf")?;
    let placement = text.find("data \"fleet_inventory\"").context("no data source")?;
    workspace.write("work/main.tf", &text[..placement])?;
    workspace.apply()?;
    set(&workspace, "fleet_cluster_registration", "retired")?;
    workspace.apply()?;
    let text = workspace.read("work/main.tf")?;
    let cluster = text.find("resource \"fleet_cluster_registration\"").context("no cluster")?;
    workspace.write("work/main.tf", &text[..cluster])?;
    workspace.apply()?;
    edit(&workspace, "  budget_owner ", "  close_on_deletion = true\n  budget_owner ")?;
    for step in ["frozen", "retired"] {
        set(&workspace, "fleet_account", step)?;
        workspace.apply()?;
        workspace.assert_unchanged()?;
    }
    workspace.try_destroy(&[])?.success()?;
    let account = aws.call("organizations", "describe_account", &json!({"AccountId": id}))?;
    assert_eq!(account["Account"]["Status"], "SUSPENDED", "{account}");
    Ok(())
}

/// Replaces what stands once in the configuration.
fn edit(workspace: &Workspace, from: &str, to: &str) -> Result<()> {
    let text = workspace.read("work/main.tf")?;
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    workspace.write("work/main.tf", &text.replace(from, to))
}

/// Gives the resource `shop` of a kind this `lifecycle_state`.
fn set(workspace: &Workspace, kind: &str, step: &str) -> Result<()> {
    let head = format!("resource \"{kind}\" \"shop\" {{\n");
    let text = workspace.read("work/main.tf")?;
    let without: String =
        text.split_inclusive('\n').filter(|line| !line.starts_with("  lifecycle_state")).collect();
    let to = format!("{head}  lifecycle_state = \"{step}\"\n");
    workspace.write("work/main.tf", &without.replace(&head, &to))
}
