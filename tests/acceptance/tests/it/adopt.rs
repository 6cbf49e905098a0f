//! Accounts that somebody made by other means, taken over.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli};
use serde_json::{Value, json};

use crate::account::{members, tags};
use crate::hcl::account;
use crate::outsider;

each_cli!(
    an_account_of_nobody_is_taken_over_as_the_plan_reports,
    an_account_of_another_manager_is_never_taken_over,
    what_is_not_there_any_more_is_not_taken_over,
    an_imported_account_of_nobody_asks_for_consent,
    an_account_is_imported_by_its_identity,
);

const A: &str = "fleet_account.a";

/// An account that somebody made an hour ago: AWS may show tags later than an account, so a young one could be ours.
fn stranger(workspace: &Workspace) -> Result<String> {
    let id = outsider::account(workspace, "a")?;
    workspace.aws.emulator()?.post("age", &json!({"account": "a", "seconds": 3600}))?;
    Ok(id)
}

fn an_account_of_nobody_is_taken_over_as_the_plan_reports(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = stranger(&workspace)?;
    outsider::tag(&workspace, &id, "Accelerator", "AWSAccelerator")?;
    let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    for name in ["aws-controltower-ConfigRecorderRole", "AWSAFTExecution", "stacksets-exec-0123"] {
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
        workspace.aws.call_in(&id, "iam", "create_role", &role)?;
    }
    let block = account("a").set("tags", "{ tier = \"1\" }");
    workspace.hcl(&block.to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0503")?.detail.contains("`adopt = true`"), "{run}");

    workspace.hcl(&block.set("adopt", "true").to_string())?;
    let plan = workspace.plan()?;
    let said = plan.run.warning("FLEET0151")?;
    assert!(said.summary.contains("Account a") && said.summary.contains(&id), "{said}");
    for part in [
        "ACTIVE",
        "tier",
        "`password-policy`",
        "Account Factory for Terraform (the role AWSAFTExecution)",
        "CloudFormation StackSets (the role stacksets-exec-0123)",
        "Control Tower (the role aws-controltower-ConfigRecorderRole)",
        "Landing Zone Accelerator (the tag Accelerator)",
    ] {
        assert!(said.detail.contains(part), "{part}: {said}");
    }
    assert_eq!(plan.after(A)?["id"], id.as_str(), "the plan names it");
    assert_eq!(tags(&workspace, &id)?, json!({"Accelerator": "AWSAccelerator"}));
    workspace.apply_saved()?.success()?;
    let state = workspace.state()?;
    assert_eq!(state.resource(A)?.string("id")?, id);
    assert_eq!(state.resource(A)?.values["ready"], true);
    assert_eq!(members(&workspace)?.len(), 1);
    assert_eq!(tags(&workspace, &id)?["fleet:managed-by"], "acceptance");
    assert_eq!(tags(&workspace, &id)?["Accelerator"], "AWSAccelerator");
    workspace.assert_unchanged()
}

fn an_account_of_another_manager_is_never_taken_over(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = stranger(&workspace)?;
    outsider::tag(&workspace, &id, "fleet:managed-by", "somebody-else")?;
    workspace.hcl(&account("a").set("adopt", "true").to_string())?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0501")?.detail.contains("somebody-else"), "{run}");
    let run = workspace.run(&["import", "-no-color", A, &id])?.failure()?;
    assert!(run.stderr.contains("somebody-else"), "{run}");
    assert_eq!(tags(&workspace, &id)?, json!({"fleet:managed-by": "somebody-else"}));
    Ok(())
}

fn what_is_not_there_any_more_is_not_taken_over(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").set("adopt", "true").to_string())?;
    let run = workspace.try_plan(&[])?.success()?;
    assert!(run.warning("FLEET0152")?.detail.contains("aws+a@example.com"), "{run}");

    let id = stranger(&workspace)?;
    workspace.plan()?.run.warning("FLEET0151")?;
    let gone = json!({"AccountId": id});
    workspace.aws.call("organizations", "remove_account_from_organization", &gone)?;
    // The CLI plans once more, and finds that it is not what was planned.
    let run = workspace.apply_saved()?.failure()?;
    assert!(run.warning("FLEET0152")?.detail.contains("plan again"), "{run}");
    assert_eq!(members(&workspace)?, []);

    let management = workspace.aws.call("organizations", "describe_organization", &json!({}))?;
    let email = management["Organization"]["MasterAccountEmail"].as_str().unwrap_or_default();
    workspace.hcl(&account("a").text("email", email).set("adopt", "true").to_string())?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0155")?;
    Ok(())
}

fn an_imported_account_of_nobody_asks_for_consent(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = stranger(&workspace)?;
    let import = format!("import {{\n  to = {A}\n  id = \"{id}\"\n}}\n");
    workspace.hcl(&format!("{}{import}", account("a")))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0153")?;
    assert_eq!(tags(&workspace, &id)?, json!({}));

    workspace.hcl(&format!("{}{import}", account("a").set("adopt", "true")))?;
    let plan = workspace.plan()?;
    plan.run.warning("FLEET0151")?;
    assert_eq!(plan.actions[A], "update");
    workspace.apply_saved()?.success()?;
    let state = workspace.state()?;
    assert_eq!((state.resource(A)?.string("id")?, state.resource(A)?.string("key")?), (&*id, "a"));
    assert_eq!(state.resource(A)?.values["ready"], true);
    assert_eq!(tags(&workspace, &id)?["fleet:managed-by"], "acceptance");
    workspace.assert_unchanged()?;

    // Ours by its tags, with the inventory's file lost: an import takes up what AWS says.
    std::fs::remove_file(workspace.file("inventory/accounts/a.yaml"))?;
    workspace.run(&["state", "rm", A])?.success()?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource(A)?.string("id")?, id);
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains(&id));
    workspace.assert_unchanged()
}

fn an_account_is_imported_by_its_identity(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource(A)?.string("id")?.to_owned();
    let resources = workspace.show(&[])?["values"]["root_module"]["resources"].clone();
    if cli == Cli::Terraform1_11 {
        assert_eq!(resources[0]["identity"], Value::Null);
        return Ok(());
    }
    assert_eq!(resources[0]["identity"], json!({ "id": id }));
    workspace.run(&["state", "rm", A])?.success()?;
    let import = format!("import {{\n  to       = {A}\n  identity = {{ id = \"{id}\" }}\n}}\n");
    workspace.hcl(&format!("{}{import}", account("a")))?;
    assert!(workspace.plan()?.actions.is_empty(), "an import changes nothing");
    workspace.apply_saved()?.success()?;
    workspace.assert_unchanged()
}
