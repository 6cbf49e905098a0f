//! One account per key: what is there already is told in the plan, and what left keeps its key.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Diagnostic, Workspace, one_cli};
use serde_json::json;

use crate::account::{members, tags, vended};
use crate::hcl::{account, all, cluster};
use crate::outsider;

one_cli!(
    an_account_that_left_keeps_its_key,
    two_accounts_of_one_key_are_told_in_each_state,
    an_account_that_does_not_have_its_key_is_not_used,
    one_object_at_two_addresses_is_told,
);

const A: &str = "fleet_account.a";
const C1: &str = "fleet_cluster_registration.c1";

fn admitted(workspace: &Workspace) -> Result<bool> {
    Ok(workspace.state()?.resource(C1)?.values["admitted"] == true)
}

fn an_account_that_left_keeps_its_key(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let c1 = cluster("c1", "a");
    let reference = c1.clone().set("account", "fleet_account.a.key");
    workspace.hcl(&all(&[&account("a"), &reference]))?;
    workspace.apply()?;
    assert!(admitted(&workspace)?);
    let gone = json!({"AccountId": id});
    workspace.aws.call("organizations", "remove_account_from_organization", &gone)?;

    // The plan names it, and corrects what other states go by; no other account is made.
    let run = workspace.try_plan(&[])?.success()?;
    assert!(run.warning("FLEET0156")?.detail.contains(&id), "{run}");
    workspace.apply()?.warning("FLEET0156")?;
    assert_eq!(members(&workspace)?, [], "no other account was made");
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("phase: removed") && file.contains("ready: false"), "{file}");
    assert!(file.contains("membership: fail") && file.contains(&id), "{file}");
    // It stays in the state, and is not ready; nor are its clusters.
    let state = workspace.state()?;
    let left = state.resource(A)?;
    assert_eq!((left.string("phase")?, &left.values["ready"]), ("removed", &json!(false)));
    assert_eq!(left.values["readiness"]["findings"][0]["severity"], "critical");
    assert!(!admitted(&workspace)?);

    // Its neighbours go on, and it has nothing to do; a change of its own cannot be made.
    workspace.hcl(&all(&[&account("a"), &account("b"), &reference]))?;
    let planned = workspace.plan()?.actions;
    assert_eq!(planned.get("fleet_account.b").map(String::as_str), Some("create"));
    assert_eq!(planned.get(A), None, "{planned:?}");
    let changed = account("a").text("budget_owner", "other");
    workspace.hcl(&all(&[&changed, &reference]))?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0156")?.detail.contains("`budget_owner`"), "{run}");

    // Its block is removed: the file goes with it, and no cluster is admitted any more.
    workspace.hcl(&c1.to_string())?;
    workspace.apply()?;
    assert!(workspace.state()?.resource(A).is_err());
    assert!(!workspace.file("inventory/accounts/a.yaml").exists());
    workspace.run(&["apply", "-json", "-auto-approve", "-refresh-only"])?.success()?;
    assert!(!admitted(&workspace)?);

    // Where there is a file and no state, the file keeps the key.
    std::fs::write(workspace.file("inventory/accounts/a.yaml"), file)?;
    std::fs::remove_file(workspace.file("work/terraform.tfstate"))?;
    workspace.hcl(&account("a").text("email", "aws+new@example.com").to_string())?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0156")?.detail.contains(&id), "{run}");
    assert_eq!(members(&workspace)?, []);
    Ok(())
}

fn one_object_at_two_addresses_is_told(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let (a, c1) = (account("a"), cluster("c1", "a"));
    workspace.hcl(&all(&[&a, &c1]))?;
    workspace.apply()?;
    let second =
        all(&[&account("b").text("key", "a").text("name", "a").text("email", "aws+a@example.com")]);
    let registered = all(&[&cluster("c2", "a").text("name", "c1")]);
    for (code, block, to, of) in [
        ("FLEET0105", &second, "fleet_account.b", id.as_str()),
        ("FLEET0314", &registered, "fleet_cluster_registration.c2", "c1"),
    ] {
        let import = format!("import {{\n  to = {to}\n  id = \"{of}\"\n}}\n");
        workspace.hcl(&all(&[&a, &c1, block, &import]))?;
        let run = workspace.try_plan(&[])?.failure()?;
        assert!(run.error(code)?.detail.contains(of), "{run}");
        // With a target the plan knows of one block only, and the state has both by then.
        workspace.hcl(&all(&[&a, &c1, block]))?;
        workspace.try_apply(&[&format!("-target={to}")])?.success()?.warning("FLEET0157")?;
        for more in [&[][..], &["-refresh=false"], &["-refresh-only"]] {
            let run = workspace.try_plan(more)?.failure()?;
            assert!(run.error(code)?.detail.contains(of), "{more:?}: {run}");
        }
        workspace.hcl(&all(&[&a, &c1]))?;
        let run = workspace.try_plan(&[])?.failure()?;
        assert!(run.error(code)?.detail.contains("state rm"), "{run}");
        workspace.run(&["state", "rm", to])?.success()?;
        workspace.assert_unchanged()?;
    }
    Ok(())
}

fn two_accounts_of_one_key_are_told_in_each_state(cli: Cli) -> Result<()> {
    let (workspace, first) = vended(cli)?;
    // Another run began together with ours, under another email: AWS made both.
    let second = outsider::account(&workspace, "b")?;
    for (key, value) in tags(&workspace, &first)?.as_object().context("tags")? {
        outsider::tag(&workspace, &second, key, value.as_str().unwrap_or_default())?;
    }
    let told = |said: &Diagnostic| said.detail.contains(&first) && said.detail.contains(&second);

    // The account that came first has the key, and goes on as it was.
    let run = workspace.try_plan(&[])?.success()?;
    assert!(told(run.warning("FLEET0158")?), "{run}");
    let about = "data \"fleet_account\" \"this\" {\n  key = \"a\"\n}\n\ndata \"fleet_organization\" \"this\" {}\n\n";
    workspace.hcl(&all(&[&account("a"), &about]))?;
    let run = workspace.apply()?;
    assert_eq!(run.warnings().filter(|of| of.code() == Some("FLEET0158") && told(of)).count(), 3);
    assert_eq!(workspace.state()?.resource(A)?.values["ready"], true);

    // The other one comes in nowhere.
    workspace.hcl(&all(&[&account("a"), &account("b").text("key", "a")]))?;
    let run = workspace.run(&["import", "-no-color", "fleet_account.b", &second])?.failure()?;
    assert!(run.stderr.contains("FLEET0158") && run.stderr.contains(&first), "{run}");
    std::fs::remove_file(workspace.file("work/terraform.tfstate"))?;
    std::fs::remove_file(workspace.file("inventory/accounts/a.yaml"))?;
    let other = account("b").text("key", "a");
    workspace.hcl(&other.to_string())?;
    for run in [workspace.try_plan(&[])?, workspace.try_apply(&[])?] {
        let run = run.failure()?;
        assert!(told(run.error("FLEET0158")?), "{run}");
    }
    assert!(!workspace.file("inventory/accounts/a.yaml").exists());
    Ok(())
}

fn an_account_that_does_not_have_its_key_is_not_used(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let first = outsider::account(&workspace, "old")?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource(A)?.string("id")?.to_owned();
    for (key, value) in tags(&workspace, &id)?.as_object().context("tags")? {
        outsider::tag(&workspace, &first, key, value.as_str().unwrap_or_default())?;
    }
    workspace.try_plan(&[])?.success()?.warning("FLEET0158")?;
    workspace.aws.emulator()?.forget_calls()?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0158")?.detail.contains(&first), "{run}");
    let calls = workspace.aws.emulator()?.calls()?;
    assert!(!calls.contains_key("organizations:TagResource"), "{calls:?}");
    let state = workspace.state()?;
    let kept = state.resource(A)?;
    assert_eq!((kept.string("id")?, &kept.values["ready"]), (id.as_str(), &json!(false)));
    assert_eq!(kept.values["readiness"]["findings"][0]["check"], "one-account-per-key");
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains("ready: false"));
    workspace.assert_unchanged()?;

    // The other one is let go.
    let keys = json!({"ResourceId": first, "TagKeys": ["fleet:id", "fleet:managed-by"]});
    workspace.aws.call("organizations", "untag_resource", &keys)?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource(A)?.values["ready"], true);
    workspace.assert_unchanged()
}
