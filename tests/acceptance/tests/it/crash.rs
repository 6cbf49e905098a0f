//! One account per key, whatever crashes and whenever.

use std::time::Duration;

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::json;

use crate::account::members;
use crate::hcl::account;

each_cli!(killed_right_after_create_account_was_sent);

one_cli!(
    killed_while_the_account_is_made,
    the_answer_to_create_account_is_lost,
    reads_lag_behind_writes_after_a_crash,
);

const APPLY: [&str; 3] = ["apply", "-json", "-auto-approve"];

/// Applies until `call` was seen, SIGKILLs the provider, and applies again: one account, not tainted.
fn killed_after(workspace: &Workspace, call: &str) -> Result<()> {
    let apply = workspace.start(&APPLY)?;
    let emulator = workspace.aws.emulator()?;
    emulator.wait_for_call(call, Duration::from_secs(60))?;
    workspace.kill_provider()?;
    let run = workspace.finish(&APPLY, apply)?.failure()?;
    assert!(
        workspace.state()?.resources.is_empty(),
        "an object that was not told of is not in state: {run}"
    );
    emulator.delete("faults")?;
    emulator.post("due", &json!({}))?;
    goes_on(workspace)
}

fn goes_on(workspace: &Workspace) -> Result<()> {
    workspace.apply()?;
    let state = workspace.state()?;
    let vended = state.resource("fleet_account.a")?;
    assert!(!vended.tainted);
    assert_eq!(vended.values["ready"], true, "{:#}", vended.values);
    let members = members(workspace)?;
    assert_eq!(members, [("a".to_owned(), vended.string("id")?.to_owned())], "exactly one account");
    workspace.assert_unchanged()
}

pub(crate) fn killed_right_after_create_account_was_sent(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    let held = json!({"operation": "CreateAccount", "kind": "hold", "seconds": 60});
    workspace.aws.emulator()?.post("faults", &held)?;
    killed_after(&workspace, "organizations:CreateAccount")
}

pub(crate) fn killed_while_the_account_is_made(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(cli, &["create_seconds=600", "role_seconds=0"])?;
    workspace.hcl(&account("a").to_string())?;
    killed_after(&workspace, "organizations:DescribeCreateAccountStatus")
}

pub(crate) fn the_answer_to_create_account_is_lost(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    workspace
        .aws
        .emulator()?
        .post("faults", &json!({"operation": "CreateAccount", "kind": "drop"}))?;
    goes_on(&workspace)
}

fn reads_lag_behind_writes_after_a_crash(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(
        cli,
        &["create_seconds=0.1", "role_seconds=0", "read_lag_seconds=1.5"],
    )?;
    workspace.hcl(&account("a").to_string())?;
    let held = json!({"operation": "CreateAccount", "kind": "hold", "seconds": 60});
    workspace.aws.emulator()?.post("faults", &held)?;
    killed_after(&workspace, "organizations:CreateAccount")
}
