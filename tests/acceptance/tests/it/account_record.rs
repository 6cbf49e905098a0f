//! What an account says of itself, changed in place: name, alternate contacts, email, and what goes
//! in only when it is created.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::{Value, json};

use crate::account::vended;
use crate::hcl::{Block, account, all, unit};
use crate::outsider;

each_cli!(an_email_changes_with_its_password);

one_cli!(
    a_configuration_follows_an_email,
    it_is_renamed_and_keeps_its_key,
    contacts_come_change_and_go,
    contacts_without_trusted_access,
    a_wrong_password_changes_nothing,
    an_email_that_is_taken_is_refused,
    a_pattern_gives_the_email_and_never_takes_it_back,
    access_to_billing_goes_in_at_create_only,
    a_move_warns_of_other_policies,
);

/// How Organizations shows the account.
fn described(workspace: &Workspace, id: &str) -> Result<Value> {
    let parameters = json!({"AccountId": id});
    Ok(workspace.aws.call("organizations", "describe_account", &parameters)?["Account"].clone())
}

fn it_is_renamed_and_keeps_its_key(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let renamed = account("a").text("name", "Payments Prod");
    workspace.hcl(&renamed.to_string())?;
    assert_eq!(workspace.plan()?.actions["fleet_account.a"], "update");
    workspace.apply()?;
    assert_eq!(described(&workspace, &id)?["Name"], "Payments Prod");
    let state = workspace.state()?;
    let found = state.resource("fleet_account.a")?;
    assert_eq!((found.string("key")?, found.string("id")?), ("a", id.as_str()));
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains("name: Payments Prod"));
    workspace.assert_unchanged()?;

    // Somebody else's name is drift, and goes.
    let theirs = json!({"AccountId": id, "AccountName": "theirs"});
    workspace.aws.call("account", "put_account_name", &theirs)?;
    assert_eq!(workspace.plan()?.actions["fleet_account.a"], "update");
    workspace.apply()?;
    assert_eq!(described(&workspace, &id)?["Name"], "Payments Prod");
    workspace.assert_unchanged()?;

    workspace.hcl(&account("a").text("name", "a<b").to_string())?;
    workspace.run(&["plan", "-json"])?.failure()?.error("FLEET0101")?;

    // AWS refuses: an error, and the state says what is there.
    let fault = json!({"operation": "PutAccountName", "kind": "error", "code": "ValidationException", "times": 1});
    workspace.aws.emulator()?.post("faults", &fault)?;
    workspace.hcl(&account("a").text("name", "Payments").to_string())?;
    workspace.try_apply(&[])?.failure()?.error("FLEET0510")?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("name")?, "Payments Prod");
    workspace.apply()?;
    assert_eq!(described(&workspace, &id)?["Name"], "Payments");
    workspace.assert_unchanged()
}

fn contact(name: &str) -> String {
    format!(
        "{{ name = \"{name}\", title = \"On call\", email = \"on-call@example.com\", phone_number = \"+65 6123 4567\" }}"
    )
}

fn contacts(rows: &[(&str, &str)]) -> Block {
    let rows: Vec<String> =
        rows.iter().map(|(of, name)| format!("{of} = {}", contact(name))).collect();
    account("a").set("alternate_contacts", format!("{{ {} }}", rows.join(", ")))
}

/// The name of a contact, if there is one.
fn contact_at_aws(workspace: &Workspace, id: &str, of: &str) -> Option<String> {
    let asked = json!({"AccountId": id, "AlternateContactType": of});
    let found = workspace.aws.call("account", "get_alternate_contact", &asked).ok()?;
    found["AlternateContact"]["Name"].as_str().map(str::to_owned)
}

fn contacts_come_change_and_go(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let at_aws = |of: &str| contact_at_aws(&workspace, &id, of);
    let put = |of: &str, name: &str| {
        let theirs = json!({
            "AccountId": id, "AlternateContactType": of, "Name": name, "Title": "t",
            "EmailAddress": "x@example.com", "PhoneNumber": "1",
        });
        workspace.aws.call("account", "put_alternate_contact", &theirs)
    };
    put("OPERATIONS", "theirs")?;
    put("SECURITY", "before")?;
    workspace.hcl(&contacts(&[("billing", "pay"), ("security", "guard")]).to_string())?;
    workspace.apply()?;
    assert_eq!(at_aws("BILLING").as_deref(), Some("pay"));
    assert_eq!(at_aws("SECURITY").as_deref(), Some("guard"));
    assert_eq!(at_aws("OPERATIONS").as_deref(), Some("theirs"));
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("alternate-contact/security") && file.contains("before"), "{file}");
    workspace.assert_unchanged()?;

    // Drift is seen, and mended.
    put("SECURITY", "intruder")?;
    assert_eq!(workspace.plan()?.actions["fleet_account.a"], "update");
    workspace.apply()?;
    assert_eq!(at_aws("SECURITY").as_deref(), Some("guard"));
    let gone = json!({"AccountId": id, "AlternateContactType": "BILLING"});
    workspace.aws.call("account", "delete_alternate_contact", &gone)?;
    assert_eq!(workspace.plan()?.actions["fleet_account.a"], "update");
    workspace.apply()?;
    workspace.assert_unchanged()?;

    // An import reads them back.
    workspace.run(&["state", "rm", "fleet_account.a"])?.success()?;
    workspace.run(&["import", "-no-color", "fleet_account.a", &id])?.success()?;
    workspace.assert_unchanged()?;

    // One that is taken out is deleted; what was never ours stays.
    workspace.hcl(&contacts(&[("billing", "pay")]).to_string())?;
    workspace.apply()?;
    assert_eq!(at_aws("SECURITY"), None);
    assert_eq!(at_aws("BILLING").as_deref(), Some("pay"));
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    assert_eq!(at_aws("BILLING"), None);
    assert_eq!(at_aws("OPERATIONS").as_deref(), Some("theirs"));
    workspace.assert_unchanged()?;

    workspace.aws.emulator()?.forget_calls()?;
    workspace.plan()?;
    let calls = workspace.aws.emulator()?.calls()?;
    assert_eq!(calls.get("account:GetAlternateContact"), None, "nothing configured: {calls:?}");
    Ok(())
}

fn contacts_without_trusted_access(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let service = json!({"ServicePrincipal": "account.amazonaws.com"});
    workspace.aws.call("organizations", "disable_aws_service_access", &service)?;
    workspace.hcl(&contacts(&[("security", "guard")]).text("name", "b").to_string())?;
    workspace.apply()?;
    let asked = json!({"AlternateContactType": "SECURITY"});
    let found = workspace.aws.call_in(&id, "account", "get_alternate_contact", &asked)?;
    assert_eq!(found["AlternateContact"]["Name"], "guard");
    assert_eq!(described(&workspace, &id)?["Name"], "b");
    workspace.assert_unchanged()
}

const NEW: &str = "new@example.com";

/// The password that AWS mailed to the new address.
fn mailed(workspace: &Workspace) -> Result<String> {
    let mails = workspace.aws.emulator()?.get("mails")?;
    Ok(mails[NEW].as_str().context("no mail was sent")?.to_owned())
}

/// Email as state and AWS have it, and the one that waits.
fn emails(workspace: &Workspace, id: &str) -> Result<(String, Value)> {
    let state = workspace.state()?;
    let found = state.resource("fleet_account.a")?;
    let email = found.string("email")?.to_owned();
    assert_eq!(described(workspace, id)?["Email"], email, "the state says what is true");
    Ok((email, found.values["pending_email"].clone()))
}

fn an_email_changes_with_its_password(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let asked = account("a").text("email", NEW);
    workspace.hcl(&asked.to_string())?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["fleet_account.a"], "update");
    let run = workspace.apply()?;
    assert!(run.warning("FLEET0116")?.detail.contains(NEW), "{run}");
    assert_eq!(emails(&workspace, &id)?, ("aws+a@example.com".into(), json!(NEW)));

    // While the password is awaited, there is nothing to do, and no second mail.
    let otp = mailed(&workspace)?;
    workspace.assert_unchanged()?;
    workspace.run(&["plan", "-json"])?.success()?.warning("FLEET0116")?;
    workspace.apply()?;
    assert_eq!(mailed(&workspace)?, otp);

    workspace.hcl(&asked.clone().text("email_update_otp", &otp).to_string())?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["fleet_account.a"], "update");
    workspace.apply_saved()?.success()?;
    assert_eq!(emails(&workspace, &id)?, (NEW.into(), Value::Null));
    assert!(!workspace.state_bytes()?.contains(&otp), "a secret in state");
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains(NEW));
    // A password that is left there does nothing, and may go.
    workspace.assert_unchanged()?;
    workspace.hcl(&asked.to_string())?;
    workspace.assert_unchanged()
}

fn a_wrong_password_changes_nothing(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let asked = account("a").text("email", NEW);
    workspace.hcl(&asked.to_string())?;
    workspace.apply()?;
    let first = mailed(&workspace)?;
    let wrong = if first == "AAAAAA" { "BBBBBB" } else { "AAAAAA" };
    workspace.hcl(&asked.clone().text("email_update_otp", wrong).to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    run.error("FLEET0117")?;
    assert!(!run.to_string().contains(wrong), "a secret in a diagnostic: {run}");
    assert_eq!(emails(&workspace, &id)?, ("aws+a@example.com".into(), Value::Null));

    // Without it, another one is sent; with that one it works. No account was lost on the way.
    workspace.hcl(&asked.to_string())?;
    workspace.apply()?;
    let second = mailed(&workspace)?;
    workspace.hcl(&asked.clone().text("email_update_otp", &second).to_string())?;
    workspace.apply()?;
    assert_eq!(emails(&workspace, &id)?, (NEW.into(), Value::Null));
    assert!(!workspace.state()?.resource("fleet_account.a")?.tainted);

    // The change is given up by writing the old address.
    workspace.hcl(&account("a").text("email", "third@example.com").to_string())?;
    workspace.apply()?;
    workspace.hcl(&asked.to_string())?;
    workspace.apply()?;
    assert_eq!(emails(&workspace, &id)?, (NEW.into(), Value::Null));
    workspace.assert_unchanged()
}

fn an_email_that_is_taken_is_refused(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let other = outsider::account(&workspace, "other")?;
    // That of a closed account, which AWS lists no more.
    let file = workspace.read("inventory/accounts/a.yaml")?.replace("aws+a@", "closed@");
    let file = file.replace("key: a", "key: gone").replace("phase: active", "phase: closed");
    workspace.write("inventory/accounts/gone.yaml", &file)?;
    for (email, code, word) in [
        ("AWS+other@example.com", "FLEET0120", other.as_str()),
        ("closed@example.com", "FLEET0131", "`gone`"),
    ] {
        workspace.hcl(&account("a").text("email", email).to_string())?;
        let run = workspace.try_plan(&[])?.failure()?;
        let said = run.error(code)?.to_string();
        assert!(said.contains(word) && said.contains(&format!("email = \"{email}\"")), "{said}");
        assert!(run.warning("FLEET0116").is_err(), "no mail is promised: {run}");
    }

    // What only AWS knows, the apply tells.
    let elsewhere = json!({"email": "else@example.com"});
    workspace.aws.emulator()?.post("taken", &elsewhere)?;
    workspace.hcl(&account("a").text("email", "else@example.com").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    run.error("FLEET0120")?;
    assert_eq!(workspace.aws.emulator()?.get("mails")?, json!({}));
    assert_eq!(emails(&workspace, &id)?, ("aws+a@example.com".into(), Value::Null));
    workspace.hcl(&account("a").to_string())?;
    workspace.assert_unchanged()
}

fn a_pattern_gives_the_email_and_never_takes_it_back(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let without = account("a").without("email");
    workspace.hcl(&without.to_string())?;
    workspace.run(&["plan", "-json"])?.failure()?.error("FLEET0119")?;
    let head = workspace.read("work/main.tf")?;
    let patterned = |pattern: &str| {
        let argument = format!("managed_by = \"acceptance\"\n  email_pattern = \"{pattern}\"");
        head.replacen("managed_by = \"acceptance\"", &argument, 1)
    };

    workspace.hcl_whole(&patterned("vend+{key}@example.com"))?;
    let plan = workspace.plan()?;
    assert!(!plan.is_unknown("fleet_account.a", "email"), "the plan shows the address");
    workspace.apply()?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    assert_eq!(emails(&workspace, &id)?.0, "vend+a@example.com");
    workspace.assert_unchanged()?;

    // An address that a closed account had is refused as one that is written; an import keeps its own.
    let file = workspace.read("inventory/accounts/a.yaml")?.replace("vend+a@", "vend+c@");
    let file = file.replace("key: a", "key: gone").replace("phase: active", "phase: closed");
    workspace.write("inventory/accounts/gone.yaml", &file)?;
    let more = |block: &dyn std::fmt::Display| {
        workspace.hcl_whole(&format!("{}{block}", patterned("vend+{key}@example.com")))
    };
    more(&account("c").without("email"))?;
    let run = workspace.run(&["plan", "-json"])?.failure()?;
    assert!(run.error("FLEET0131")?.detail.contains("`vend+c@example.com`"), "{run}");
    let imported = outsider::account(&workspace, "d")?;
    let import = format!("import {{\n  to = fleet_account.d\n  id = \"{imported}\"\n}}\n");
    more(&format!("{}{import}", account("d").without("email").set("adopt", "true")))?;
    workspace.apply()?;
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.d")?.string("email")?, "aws+d@example.com");
    workspace.assert_unchanged()?;
    workspace.run(&["state", "rm", "fleet_account.d"])?.success()?;

    workspace.hcl_whole(&patterned("other+{key}@example.com"))?;
    workspace.assert_unchanged()?;
    workspace.hcl_whole(&patterned("nobody@example.com"))?;
    workspace.run(&["plan", "-json"])?.failure()?.error("FLEET0121")?;
    Ok(())
}

fn access_to_billing_goes_in_at_create_only(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let denied = account("a").text("iam_user_access_to_billing", "DENY");
    workspace.hcl(&denied.to_string())?;
    workspace.apply()?;
    workspace.assert_unchanged()?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    workspace.hcl(&account("a").to_string())?;
    let run = workspace.run(&["plan", "-json"])?.failure()?;
    assert!(run.error("FLEET0102")?.detail.contains("root user"), "{run}");

    workspace.hcl(&denied.to_string())?;
    workspace.run(&["state", "rm", "fleet_account.a"])?.success()?;
    workspace.run(&["import", "-no-color", "fleet_account.a", &id])?.success()?;
    workspace.assert_unchanged()
}

fn a_move_warns_of_other_policies(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let units = [unit("one", "One"), unit("two", "Two"), unit("three", "Three")];
    let placed = |parent: &str| {
        let parent = format!("fleet_organizational_unit.{parent}.id");
        all(&[&units[0], &units[1], &units[2], &account("a").set("parent", parent)])
    };
    workspace.hcl(&placed("one"))?;
    workspace.apply()?;
    let state = workspace.state()?;
    let at = |label: &str| -> Result<String> {
        let unit = state.resource(&format!("fleet_organizational_unit.{label}"))?;
        Ok(unit.string("id")?.to_owned())
    };
    for (name, label) in [("deny-public", "two"), ("small-machines", "one")] {
        let policy = json!({
            "Name": name, "Description": name, "Type": "SERVICE_CONTROL_POLICY",
            "Content": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
        });
        let made = workspace.aws.call("organizations", "create_policy", &policy)?;
        let id = made["Policy"]["PolicySummary"]["Id"].clone();
        let attached = json!({"PolicyId": id, "TargetId": at(label)?});
        workspace.aws.call("organizations", "attach_policy", &attached)?;
    }
    workspace.assert_unchanged()?;

    workspace.hcl(&placed("two"))?;
    let run = workspace.run(&["plan", "-json"])?.success()?;
    let told = run.warning("FLEET0118")?;
    for line in [
        "- start to apply, service control policy: deny-public",
        "- stop to apply, service control policy: small-machines",
    ] {
        assert!(told.detail.contains(line), "{run}");
    }
    assert!(!told.detail.contains("FullAWSAccess"), "{run}");

    // What cannot be read is said, and the plan goes on.
    let fault = json!({
        "operation": "ListPoliciesForTarget", "kind": "error", "code": "AccessDeniedException", "times": 99,
    });
    workspace.aws.emulator()?.post("faults", &fault)?;
    let run = workspace.run(&["plan", "-json"])?.success()?;
    assert!(run.warning("FLEET0118")?.summary.contains("were not read"), "{run}");
    workspace.aws.emulator()?.delete("faults")?;
    workspace.apply()?;

    // Where the same policies hold there is nothing to tell.
    workspace.hcl(&placed("one"))?;
    workspace.apply()?;
    let listed = json!({"Filter": "SERVICE_CONTROL_POLICY"});
    let policies = workspace.aws.call("organizations", "list_policies", &listed)?;
    let same = policies["Policies"].as_array().into_iter().flatten();
    let same = same.into_iter().find(|of| of["Name"] == "small-machines").context("no policy")?;
    let attached = json!({"PolicyId": same["Id"], "TargetId": at("three")?});
    workspace.aws.call("organizations", "attach_policy", &attached)?;
    workspace.hcl(&placed("three"))?;
    let run = workspace.run(&["plan", "-json"])?.success()?;
    assert!(run.warning("FLEET0118").is_err(), "{run}");
    Ok(())
}

/// Somebody changes it in the console, and the configuration follows: one update writes it down.
fn a_configuration_follows_an_email(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let aws = &workspace.aws;
    let email = json!({"AccountId": id, "PrimaryEmail": NEW});
    aws.call("account", "start_primary_email_update", &email)?;
    let otp = json!({"AccountId": id, "PrimaryEmail": NEW, "Otp": mailed(&workspace)?});
    aws.call("account", "accept_primary_email_update", &otp)?;
    workspace.hcl(&account("a").text("email", NEW).to_string())?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["fleet_account.a"], "update");
    workspace.apply_saved()?.success()?;
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains(NEW));
    workspace.assert_unchanged()
}
