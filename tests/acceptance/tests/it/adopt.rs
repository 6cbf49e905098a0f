//! Accounts that somebody made by other means, taken over.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::{Value, json};

use crate::account::{members, tags};
use crate::hcl::{Block, account, all, unit};
use crate::outsider;

each_cli!(
    an_account_of_nobody_is_taken_over_as_the_plan_reports,
    an_imported_account_of_nobody_asks_for_consent,
    an_account_is_imported_by_its_identity,
);

one_cli!(
    an_account_of_another_manager_is_never_taken_over,
    what_is_not_there_any_more_is_not_taken_over,
    what_is_taken_over_is_told_whole,
    an_imported_account_gets_no_key_of_another,
    a_key_that_is_taken_after_the_plan_is_refused,
    an_account_comes_in_active,
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

fn what_is_taken_over_is_told_whole(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = stranger(&workspace)?;
    workspace.hcl(&unit("prod", "Prod").to_string())?;
    workspace.apply()?;
    let prod =
        workspace.state()?.resource("fleet_organizational_unit.prod")?.string("id")?.to_owned();
    let policy = json!({
        "Name": "deny-public", "Description": "", "Type": "SERVICE_CONTROL_POLICY",
        "Content": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
    });
    let made = workspace.aws.call("organizations", "create_policy", &policy)?;
    let attached = json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": prod});
    workspace.aws.call("organizations", "attach_policy", &attached)?;
    let theirs = json!({
        "AccountId": id, "AlternateContactType": "SECURITY", "Name": "Their guard", "Title": "CISO",
        "EmailAddress": "guard@example.org", "PhoneNumber": "+1 555",
    });
    workspace.aws.call("account", "put_alternate_contact", &theirs)?;

    let ours = "{ name = \"Our guard\", title = \"On call\", email = \"guard@example.com\", phone_number = \"+65 1234\" }";
    let block = account("a")
        .set("adopt", "true")
        .text("parent", "Prod")
        .set("alternate_contacts", format!("{{ security = {ours}, billing = {ours} }}"));
    workspace.hcl(&all(&[&unit("prod", "Prod"), &block]))?;
    workspace.aws.emulator()?.forget_calls()?;
    let plan = workspace.plan()?;
    let told = &plan.run.warning("FLEET0151")?.detail;
    for part in [
        "writes the security contact: Our guard (On call, guard@example.com, +65 1234), instead of Their guard (CISO, guard@example.org, +1 555)",
        "writes the billing contact: Our guard",
        "to Prod",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = plan.run.warning("FLEET0118")?;
    assert!(
        told.detail.contains("- start to apply, service control policy: deny-public"),
        "{told}"
    );
    let calls = workspace.aws.emulator()?.calls()?;
    assert!(!calls.contains_key("account:PutAlternateContact"), "{calls:?}");
    workspace.apply_saved()?.success()?;
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

/// A block that imports the account `id` under its label.
fn import(block: &Block, label: &str, id: &str) -> String {
    format!("{block}import {{\n  to = fleet_account.{label}\n  id = \"{id}\"\n}}\n\n")
}

fn an_imported_account_gets_no_key_of_another(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (a, b) = (stranger(&workspace)?, outsider::account(&workspace, "b")?);
    let block = |name: &str| account(name).set("adopt", "true");
    let first = import(&block("a"), "a", &a);
    let second = import(&block("b").text("key", "a"), "b", &b);
    let refused = || -> Result<String> {
        let run = workspace.try_plan(&[])?.failure()?;
        assert_eq!(run.errors().count(), 1, "{run}");
        Ok(run.error("FLEET0105")?.to_string())
    };
    // Both in one plan. Which of them is the second is not fixed.
    workspace.hcl(&format!("{first}{second}"))?;
    refused()?;

    // The one has the key in the state, and then only in the inventory.
    workspace.hcl(&first)?;
    workspace.apply()?;
    let file = workspace.read("inventory/accounts/a.yaml")?;
    workspace.hcl(&format!("{first}{second}"))?;
    let said = refused()?;
    assert!(said.contains(&a) && said.contains(&b) && said.contains("key = \"a\""), "{said}");
    workspace.run(&["state", "rm", A])?.success()?;
    workspace.hcl(&second)?;
    let said = refused()?;
    assert!(said.contains(&a) && said.contains("accounts/a.yaml"), "{said}");
    assert!(said.contains("key = \"a\""), "{said}");

    // A closed account keeps its key, too.
    let buried = file.replace("lifecycle_phase: active", "lifecycle_phase: closed");
    assert_ne!(buried, file);
    workspace.write("inventory/accounts/a.yaml", &buried)?;
    let run = workspace.try_plan(&[])?.failure()?;
    let said = run.error("FLEET0131")?.to_string();
    assert!(said.contains(&a) && said.contains("key = \"a\""), "{said}");
    workspace.write("inventory/accounts/a.yaml", &file)?;

    // A name that is no key needs one, as at a create.
    workspace.hcl(&import(&block("b").text("name", "Team B"), "b", &b))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0101")?;
    workspace.hcl(&import(&block("b"), "b", &b))?;
    workspace.apply()?;
    assert_eq!(workspace.read("inventory/accounts/a.yaml")?, file);
    assert_eq!(tags(&workspace, &b)?["fleet:key"], "b");
    workspace.assert_unchanged()
}

fn a_key_that_is_taken_after_the_plan_is_refused(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = stranger(&workspace)?;
    workspace.hcl(&account("b").to_string())?;
    workspace.apply()?;
    let file = workspace.read("inventory/accounts/b.yaml")?;
    let adopted = account("a").set("adopt", "true");
    for block in [adopted.to_string(), import(&adopted, "a", &id)] {
        workspace.hcl(&all(&[&account("b"), &block]))?;
        workspace.plan()?;
        workspace.write("inventory/accounts/a.yaml", &file.replace("key: b", "key: a"))?;
        let run = workspace.apply_saved()?.failure()?;
        assert!(run.error("FLEET0105")?.detail.contains("accounts/a.yaml"), "{run}");
        assert_eq!(tags(&workspace, &id)?, json!({}));
        // So it is where the plan sees it.
        workspace.try_plan(&[])?.failure()?.error("FLEET0105")?;
        std::fs::remove_file(workspace.file("inventory/accounts/a.yaml"))?;
    }
    Ok(())
}

fn an_account_comes_in_active(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = stranger(&workspace)?;
    for state in ["frozen", "retired"] {
        let block = account("a").set("adopt", "true").text("lifecycle_state", state);
        let new = account("b").text("lifecycle_state", state);
        for text in [block.to_string(), import(&block, "a", &id), new.to_string()] {
            workspace.hcl(&text)?;
            let run = workspace.try_plan(&[])?.failure()?;
            assert_eq!(run.errors().count(), 1, "{run}");
            let said = run.error("FLEET0127")?.to_string();
            assert!(said.contains(&format!("lifecycle_state = \"{state}\"")), "{said}");
        }
    }
    assert_eq!(tags(&workspace, &id)?, json!({}));
    assert_eq!(members(&workspace)?.len(), 1, "none was made");
    Ok(())
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
