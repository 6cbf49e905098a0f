//! One mutation owner per object: who comes second is refused, and told who holds it.

use anyhow::{Context as _, Result};
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
    two_states_of_one_manager_do_not_fight_over_guardrails,
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

/// Two states have one `managed_by` and different `member_access`: the first keeps its guardrails, the second is told, and
/// neither undoes what the other has. What two managers have stands side by side.
fn two_states_of_one_manager_do_not_fight_over_guardrails(cli: Cli) -> Result<()> {
    let (workspace, _) = vended(cli)?;
    let leaving_out = |manager: &str, role: &str, key: &str| -> Result<()> {
        workspace.hcl_as(manager, &account(key).to_string())?;
        let access =
            format!("bootstrap_role_names = [\"OrganizationAccountAccessRole\", \"{role}\"]");
        let text = workspace.read("work/main.tf")?;
        let text = text
            .replace("  region ", &format!("  member_access {{\n    {access}\n  }}\n  region "));
        workspace.hcl_whole(&text)
    };
    let guardrail = || policy_text(&workspace, "fleet-sandbox-foundation");
    let made = guardrail()?;
    let state = workspace.file("work/terraform.tfstate");
    let aside = workspace.file("first.tfstate");
    std::fs::rename(&state, &aside)?;

    leaving_out("acceptance", "Ops", "b")?;
    let plan = workspace.plan()?;
    let told = plan.run.warning("FLEET0225")?;
    assert!(told.detail.contains("it does not leave out arn:aws:iam::*:role/Ops"), "{told}");
    workspace.apply_saved()?.success()?.warning("FLEET0112")?;
    let b = workspace.state()?.resource("fleet_account.b")?.clone();
    assert_eq!((&b.values["ready"], b.tainted), (&json!(false), false));
    let findings = b.values["readiness"]["findings"].to_string();
    assert!(findings.contains("remove the tag `fleet:text`"), "{findings}");
    assert!(workspace.plan()?.actions.is_empty(), "nothing that an apply could do");
    assert_eq!(guardrail()?, made);

    // The first has nothing to do, and changes its own as it likes.
    std::fs::rename(&aside, &state)?;
    workspace.hcl(&account("a").to_string())?;
    workspace.assert_unchanged()?;
    leaving_out("acceptance", "Mine", "a")?;
    let plan = workspace.plan()?;
    assert!(plan.run.warning("FLEET0182")?.detail.contains("role/Mine"), "{}", plan.run);
    workspace.apply_saved()?.success()?;
    assert!(guardrail()?.contains("role/Mine"));
    workspace.assert_unchanged()?;

    // Another manager has its own beside it.
    std::fs::remove_file(&state)?;
    leaving_out("somebody-else", "Ops", "c")?;
    let plan = workspace.plan()?;
    assert!(plan.run.warning("FLEET0183")?.detail.contains("`acceptance`"), "{}", plan.run);
    workspace.apply_saved()?.success()?;
    assert_eq!(workspace.state()?.resource("fleet_account.c")?.values["ready"], true);
    assert!(guardrail()?.contains("role/Mine"));
    workspace.assert_unchanged()
}

/// What a service control policy says.
fn policy_text(workspace: &Workspace, name: &str) -> Result<String> {
    let all = json!({"Filter": "SERVICE_CONTROL_POLICY"});
    let all = workspace.aws.call("organizations", "list_policies", &all)?;
    let mut listed = all["Policies"].as_array().into_iter().flatten();
    let id = &listed.find(|of| of["Name"] == name).context("no such policy")?["Id"];
    let found = json!({"PolicyId": id});
    let found = workspace.aws.call("organizations", "describe_policy", &found)?;
    Ok(found["Policy"]["Content"].as_str().context("no content")?.to_owned())
}
