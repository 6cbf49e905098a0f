//! What a person sees of an account on its way: the log, a warning for each, the plan that goes on.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::account::members;
use crate::hcl::{account, all, unit};

each_cli!(an_interrupted_create_ends_and_is_taken_up);

one_cli!(
    each_phase_and_each_step_is_a_line_of_the_log,
    each_unfinished_account_is_one_warning_and_an_update,
);

fn each_phase_and_each_step_is_a_line_of_the_log(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    // What one command writes, each to a file of its own.
    let logged = |command: &str, file: &str| -> Result<String> {
        let done = workspace
            .command(&[command, "-json", "-auto-approve"])
            .env("TF_LOG_PROVIDER", "INFO")
            .env("TF_LOG_PATH", workspace.file(file))
            .output()?;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        workspace.read(file)
    };
    let parent = "fleet_organizational_unit.prod.id";
    let units = unit("prod", "Prod");
    let account = account("a").set("parent", parent).set("close_on_deletion", "true");
    workspace.hcl(&all(&[&units, &account]))?;
    let log = logged("apply", "vended.log")?;
    let request =
        workspace.state()?.resource("fleet_account.a")?.string("create_request_id")?.to_owned();
    let line = |log: &str, what: &str| -> Result<String> {
        let of = |line: &&str| line.contains("account=a ") && line.contains(what);
        let found = log.lines().find(of).with_context(|| format!("no line: {what}\n{log}"))?;
        Ok(found.to_owned())
    };
    let phase = |phase: &str| line(&log, &format!("phase={phase}"));
    assert!(phase("requested")?.contains(&format!("create_request_id={request}")), "{log}");
    for reached in ["requested", "placed", "ready"] {
        assert!(phase(reached)?.contains(" request_id="), "{}", phase(reached)?);
    }
    assert!(phase("placed")?.contains("call=organizations:MoveAccount"), "{}", phase("placed")?);
    for reached in ["created", "accessible"] {
        phase(reached)?;
    }

    // What did not change is no news.
    workspace.hcl(&all(&[&units, &account.clone().set("tags", "{ more = \"tags\" }")]))?;
    let log = logged("apply", "tagged.log")?;
    assert!(!log.contains("account=a "), "{log}");
    workspace.hcl(&all(&[&units, &account.text("lifecycle_state", "retired")]))?;
    let log = logged("apply", "retired.log")?;
    for step in ["our ways into the account are shut", "the account is retired"] {
        let line = line(&log, step)?;
        assert!(line.contains("call=iam:") && line.contains(" request_id="), "{line}");
    }
    let log = logged("destroy", "closed.log")?;
    let line = line(&log, "AWS has taken the request to close the account")?;
    assert!(line.contains("call=organizations:CloseAccount"), "{line}");
    assert!(line.contains(" request_id="), "{line}");
    Ok(())
}

fn each_unfinished_account_is_one_warning_and_an_update(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(cli, &["create_seconds=0", "role_seconds=600"])?;
    let keys = ["a", "b", "c"];
    let timeouts = "{ create = \"10s\", update = \"60s\" }";
    workspace.hcl(&keys.map(|key| account(key).set("timeouts", timeouts).to_string()).concat())?;
    let run = workspace.apply()?;
    for key in keys {
        let about = |summary: &str| summary.starts_with(&format!("Account {key} "));
        let found: Vec<_> = run.warnings().filter(|of| about(&of.summary)).collect();
        assert_eq!(found.len(), 1, "one warning for {key}: {run}");
        assert_eq!(found[0].code(), Some("FLEET0112"), "{run}");
        assert!(found[0].detail.contains("The time of the apply was over"), "{run}");
    }
    assert_eq!(run.warnings().count(), keys.len(), "and none but these: {run}");

    let plan = workspace.plan()?;
    for key in keys {
        assert_eq!(plan.actions[&format!("fleet_account.{key}")], "update");
    }
    workspace.aws.emulator()?.post("settings", &json!({"role_seconds": 0}))?;
    let run = workspace.apply()?;
    assert_eq!(run.warnings().count(), 0, "{run}");
    assert_eq!(members(&workspace)?.len(), keys.len());
    workspace.assert_unchanged()
}

fn an_interrupted_create_ends_and_is_taken_up(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(cli, &["create_seconds=600", "role_seconds=0"])?;
    workspace.hcl(&account("a").to_string())?;
    let arguments = ["apply", "-json", "-auto-approve"];
    let apply = workspace.start(&arguments)?;
    let emulator = workspace.aws.emulator()?;
    emulator.wait_for_call("organizations:DescribeCreateAccountStatus", Duration::from_secs(60))?;
    let pressed = Instant::now();
    for pid in workspace.provider_processes()?.into_iter().chain([i32::try_from(apply.id())?]) {
        kill_process(Pid::from_raw(pid).context("no process")?, Signal::INT)?;
    }
    let run = workspace.finish(&arguments, apply)?.failure()?;
    // The CLI itself takes some seconds on a busy machine; the create would go on for ten minutes.
    assert!(pressed.elapsed() < Duration::from_secs(120), "{:?}", pressed.elapsed());
    let said = run.error("FLEET0509")?;
    assert!(said.detail.contains("AWS to create the account"), "{said}");
    assert!(workspace.state()?.resources.is_empty(), "an error without state");

    emulator.forget_calls()?;
    emulator.post("settings", &json!({"create_seconds": 0}))?;
    emulator.post("due", &json!({}))?;
    workspace.apply()?;
    assert_eq!(emulator.calls()?.get("organizations:CreateAccount"), None, "nothing is sent again");
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}
