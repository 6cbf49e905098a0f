//! What AWS does to an account: a state of it, never its absence; and what is left of a closed one.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::json;

use crate::account::{members, tags, vended};
use crate::hcl::{account, all};

each_cli!(a_suspended_account_is_a_warning_and_comes_back);

one_cli!(
    a_closed_account_is_a_warning_and_is_let_go_without_a_call,
    reads_that_waver_after_a_close_do_not_make_it_active_again,
    an_account_that_is_being_activated_is_waited_for,
    an_account_that_is_listed_no_more_is_gone,
    a_closed_account_keeps_its_key_and_its_email,
    a_quota_that_is_used_up_keeps_the_account,
    a_delegated_administrator_is_not_closed,
    closes_wait_for_their_turn,
);

fn put(workspace: &Workspace, account: &str, state: &str) -> Result<()> {
    workspace.aws.emulator()?.post("state", &json!({"account": account, "state": state}))
}

/// The account's phase in state, and whether its clusters are admitted.
fn phase(workspace: &Workspace) -> Result<(String, bool)> {
    let state = workspace.state()?;
    let account = state.resource("fleet_account.a")?;
    Ok((account.string("phase")?.to_owned(), account.values["ready"] == true))
}

/// A plan that neither creates nor replaces nor destroys, and warns.
fn assert_warned(workspace: &Workspace, word: &str) -> Result<()> {
    let run = workspace.try_plan(&[])?.success()?;
    let warning = run.warning("FLEET0126")?;
    assert!(warning.summary.contains(word), "{warning}");
    let planned = workspace.plan()?;
    let actions: Vec<_> = planned.actions.values().map(String::as_str).collect();
    assert!(actions.iter().all(|action| *action == "update"), "{actions:?}");
    Ok(())
}

fn a_suspended_account_is_a_warning_and_comes_back(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    put(&workspace, "a", "SUSPENDED")?;
    assert_warned(&workspace, "suspended")?;
    // What there is to do is the inventory file, which must not admit clusters any more.
    workspace.aws.emulator()?.forget_calls()?;
    workspace.apply()?.warning("FLEET0126")?;
    let calls = workspace.aws.emulator()?.calls()?;
    assert!(!calls.contains_key("organizations:TagResource"), "{calls:?}");
    assert_eq!(phase(&workspace)?, ("suspended".to_owned(), false));
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains("ready: false"));
    workspace.assert_unchanged()?;
    assert_warned(&workspace, "suspended")?;
    let before = workspace.state_bytes()?;
    workspace.run(&["apply", "-json", "-auto-approve", "-refresh-only"])?.success()?;
    assert_eq!(before, workspace.state_bytes()?);

    put(&workspace, "a", "ACTIVE")?;
    workspace.apply()?;
    assert_eq!(phase(&workspace)?, ("ready".to_owned(), true));
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("id")?, id);
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}

fn a_closed_account_is_a_warning_and_is_let_go_without_a_call(cli: Cli) -> Result<()> {
    let (workspace, _) = vended(cli)?;
    put(&workspace, "a", "CLOSED")?;
    assert_warned(&workspace, "closed")?;
    workspace.apply()?;
    assert_eq!(phase(&workspace)?, ("closed".to_owned(), false));
    workspace.assert_unchanged()?;

    workspace.hcl("")?;
    workspace.aws.emulator()?.forget_calls()?;
    workspace.apply()?;
    assert!(workspace.state()?.resources.is_empty());
    let calls = workspace.aws.emulator()?.calls()?;
    for call in ["CloseAccount", "TagResource", "UntagResource", "MoveAccount"] {
        assert!(!calls.contains_key(&format!("organizations:{call}")), "{calls:?}");
    }
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("lifecycle_phase: closed") && !file.contains("closed_at"), "{file}");
    Ok(())
}

fn reads_that_waver_after_a_close_do_not_make_it_active_again(cli: Cli) -> Result<()> {
    let (workspace, _) = vended(cli)?;
    put(&workspace, "a", "PENDING_CLOSURE")?;
    workspace.apply()?;
    assert_eq!(phase(&workspace)?, ("closing".to_owned(), false));
    let before = workspace.state_bytes()?;
    put(&workspace, "a", "ACTIVE")?;
    assert_warned(&workspace, "closing")?;
    workspace.apply()?;
    assert_eq!(before, workspace.state_bytes()?, "nothing was seen that counts");
    workspace.assert_unchanged()?;
    put(&workspace, "a", "CLOSED")?;
    workspace.apply()?;
    assert_eq!(phase(&workspace)?, ("closed".to_owned(), false));
    // From there only AWS's support leads back.
    put(&workspace, "a", "ACTIVE")?;
    workspace.apply()?;
    assert_eq!(phase(&workspace)?, ("ready".to_owned(), true));
    workspace.assert_unchanged()
}

fn an_account_that_is_being_activated_is_waited_for(cli: Cli) -> Result<()> {
    let (workspace, _) = vended(cli)?;
    put(&workspace, "a", "PENDING_ACTIVATION")?;
    workspace.hcl(&account("a").set("timeouts", "{ update = \"2s\" }").to_string())?;
    workspace.apply()?;
    assert_eq!(phase(&workspace)?, ("activating".to_owned(), false));
    put(&workspace, "a", "ACTIVE")?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    assert_eq!(phase(&workspace)?, ("ready".to_owned(), true));
    workspace.assert_unchanged()
}

fn an_account_that_is_listed_no_more_is_gone(cli: Cli) -> Result<()> {
    let (workspace, _) = vended(cli)?;
    put(&workspace, "a", "CLOSED")?;
    workspace.apply()?;
    put(&workspace, "a", "PURGED")?;
    // It is gone from the state, and what the inventory keeps refuses another in its place.
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0131")?.summary.contains("The key"), "{run}");
    workspace.hcl("")?;
    workspace.apply()?;
    assert!(workspace.state()?.resources.is_empty());
    Ok(())
}

/// Retires the accounts of these keys and lets a destroy close them.
fn retire(workspace: &Workspace, keys: &[&str]) -> Result<()> {
    let blocks: Vec<String> = keys
        .iter()
        .map(|key| {
            account(key)
                .text("lifecycle_state", "retired")
                .set("close_on_deletion", "true")
                .set("timeouts", "{ delete = \"60s\" }")
                .to_string()
        })
        .collect();
    workspace.hcl(&blocks.concat())?;
    workspace.apply()?;
    Ok(())
}

fn a_closed_account_keeps_its_key_and_its_email(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(
        cli,
        &["create_seconds=0.1", "role_seconds=0", "close_oscillations=2"],
    )?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    retire(&workspace, &["a"])?;
    workspace.hcl("")?;
    workspace.apply()?.warning("FLEET0114")?;
    assert!(workspace.state()?.resources.is_empty());
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("lifecycle_phase: closed") && file.contains("closed_at: "), "{file}");

    for (block, attribute) in [
        (account("a"), "key"),
        (account("a").text("email", "aws+other@example.com"), "key"),
        (account("b").text("email", "AWS+a@example.com"), "email"),
    ] {
        workspace.hcl(&block.to_string())?;
        let run = workspace.try_plan(&[])?.failure()?;
        let error = run.error("FLEET0131")?;
        assert!(error.summary.contains(&format!("The {attribute}")), "{run}");
        assert!(error.detail.contains("accounts/a.yaml"), "{error}");
    }
    let about = "data \"fleet_inventory\" \"this\" {\n  include_accounts = true\n}\n\noutput \"count\" {\n  value = data.fleet_inventory.this.account_count\n}\n\n";
    workspace.hcl(&all(&[&account("b"), &about]))?;
    workspace.apply()?;
    assert_eq!(workspace.show(&[])?["values"]["outputs"]["count"]["value"], 0, "before the apply");
    workspace.apply()?;
    assert_eq!(workspace.show(&[])?["values"]["outputs"]["count"]["value"], 1);
    Ok(())
}

fn a_quota_that_is_used_up_keeps_the_account(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(
        cli,
        &["create_seconds=0.1", "role_seconds=0", "close_seconds=0", "close_quota=1"],
    )?;
    workspace.hcl(&all(&[&account("a"), &account("b")]))?;
    workspace.apply()?;
    retire(&workspace, &["a", "b"])?;
    workspace.try_destroy(&["-target=fleet_account.a"])?.success()?;
    // A destroy begins with a plan, which would refuse what stands in the block of a closed account.
    let run = workspace.try_destroy(&["-refresh=false"])?.failure()?;
    let error = run.error("FLEET0129")?;
    assert!(error.detail.contains("ledger has 1 of these closes"), "{error}");
    let state = workspace.state()?;
    let kept = state.resource("fleet_account.b")?;
    assert_eq!(kept.string("lifecycle_phase")?, "retired");
    assert_eq!(tags(&workspace, kept.string("id")?)?["fleet:managed-by"], "acceptance");
    // There is room again.
    workspace.aws.emulator()?.post("settings", &json!({"close_quota": 2}))?;
    workspace.try_destroy(&["-refresh=false"])?.success()?;
    assert!(workspace.state()?.resources.is_empty());
    Ok(())
}

fn a_delegated_administrator_is_not_closed(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let service = json!({"AccountId": id, "ServicePrincipal": "guardduty.amazonaws.com"});
    workspace.aws.call("organizations", "register_delegated_administrator", &service)?;
    retire(&workspace, &["a"])?;
    let run = workspace.try_destroy(&[])?.failure()?;
    assert!(run.error("FLEET0130")?.detail.contains("deregister-delegated-administrator"), "{run}");
    workspace.state()?.resource("fleet_account.a")?;
    workspace.aws.call("organizations", "deregister_delegated_administrator", &service)?;
    workspace.try_destroy(&[])?.success()?;
    Ok(())
}

fn closes_wait_for_their_turn(cli: Cli) -> Result<()> {
    let workspace =
        Workspace::with_aws(cli, &["create_seconds=0.1", "role_seconds=0", "close_seconds=2"])?;
    let keys = ["a", "b", "c", "d", "e"];
    workspace.hcl(&keys.map(|key| account(key).to_string()).concat())?;
    workspace.apply()?;
    retire(&workspace, &keys)?;
    workspace.try_destroy(&[])?.success()?;
    assert!(workspace.state()?.resources.is_empty());
    let closes = workspace.aws.emulator()?.calls()?;
    let closes = closes.get("organizations:CloseAccount").context("nothing was closed")?;
    assert!(*closes > 5, "some had to wait, in {closes} calls");
    Ok(())
}
