//! One mutation owner per object: who comes second is refused, and told who holds it.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, one_cli};
use serde_json::json;

use crate::account::{members, tags, vended};
use crate::hcl::{account, all, cluster};
use crate::{inventory, outsider};

one_cli!(
    two_managers_claim_one_account,
    an_account_that_was_given_away_is_ready_for_nobody,
    a_lost_state_finds_its_account_again,
    an_account_of_nobody_is_refused,
    two_managers_claim_one_cluster,
    users_may_not_write_our_tags,
);

/// What is left when somebody else, or the same one on another machine, starts with an empty state.
fn forget_state(workspace: &Workspace) -> Result<()> {
    std::fs::remove_file(workspace.file("work/terraform.tfstate"))?;
    Ok(())
}

fn two_managers_claim_one_account(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let before = tags(&workspace, &id)?;
    forget_state(&workspace)?;
    std::fs::remove_dir_all(workspace.file("inventory/accounts"))?;
    workspace.hcl_as("somebody-else", &account("a").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(
        run.errors().any(|error| error.to_string().contains("acceptance")),
        "it says who: {run}"
    );
    assert!(workspace.state()?.resources.is_empty());
    assert_eq!(tags(&workspace, &id)?, before, "nothing was changed");
    assert_eq!(members(&workspace)?.len(), 1);
    Ok(())
}

fn an_account_that_was_given_away_is_ready_for_nobody(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.hcl(&all(&[&account("a"), &cluster("c1", "a")]))?;
    workspace.apply()?;
    let given = json!({
        "ResourceId": id, "Tags": [{"Key": "fleet:managed-by", "Value": "somebody-else"}],
    });
    workspace.aws.call("organizations", "tag_resource", &given)?;
    assert_eq!(workspace.plan()?.actions["fleet_account.a"], "update");
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0501")?.detail.contains("somebody-else"), "{run}");
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("ready: false") && file.contains("managed_by: acceptance"), "{file}");
    assert_eq!(tags(&workspace, &id)?["fleet:managed-by"], "somebody-else", "left alone");
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.a")?.values["ready"], false);
    // The cluster follows, at the latest by the next apply, and then nothing is left to do for the account.
    workspace.apply()?;
    let state = workspace.state()?;
    let c1 = state.resource("fleet_cluster_registration.c1")?;
    assert_eq!(c1.values["admitted"], false);
    let plan = workspace.plan()?;
    assert!(!plan.actions.contains_key("fleet_account.a"), "{:?}", plan.actions);
    Ok(())
}

fn a_lost_state_finds_its_account_again(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    forget_state(&workspace)?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("id")?, id);
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}

fn an_account_of_nobody_is_refused(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    outsider::account(&workspace, "a")?;
    // AWS may show tags later than the account, so a young one could be our own: only after a while
    // is an account without tags nobody's.
    let older = json!({"account": "a", "seconds": 3600});
    workspace.aws.emulator()?.post("age", &older)?;
    workspace.hcl(&account("a").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    run.error("FLEET0503")?;
    let found = members(&workspace)?;
    assert_eq!(found.len(), 1);
    assert_eq!(tags(&workspace, &found[0].1)?, json!({}), "nothing was changed");
    Ok(())
}

fn two_managers_claim_one_cluster(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.hcl(&cluster("c1", "shop").to_string())?;
    workspace.apply()?;
    let file = workspace.read("inventory/clusters/c1.yaml")?;
    forget_state(&workspace)?;
    workspace.hcl_as("somebody-else", &cluster("c1", "shop").text("tier", "tier-1").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0304")?.detail.contains("acceptance"), "{run}");
    assert_eq!(workspace.read("inventory/clusters/c1.yaml")?, file);
    Ok(())
}

fn users_may_not_write_our_tags(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.hcl(&account("a").set("tags", "{ \"fleet:managed-by\" = \"me\" }").to_string())?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.errors().any(|error| error.to_string().contains("fleet:")), "{run}");
    assert_eq!(tags(&workspace, &id)?["fleet:managed-by"], "acceptance");
    Ok(())
}
