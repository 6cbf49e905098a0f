//! Ephemeral objects: open while the CLI needs them, and nowhere afterwards.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Run, Sandbox, each_cli};

use crate::provider::{hcl, sandbox};

each_cli!(
    a_token_is_opened_renewed_and_closed,
    a_token_is_written_and_not_kept,
    what_does_not_open_is_not_used,
    what_is_not_renewed_is_closed,
    what_does_not_close_is_an_error,
);

/// Where the tokens' own log is.
const LOG: &str = "work/log";

/// A token with these attributes, and a thing that takes it as its password after so many seconds.
fn token(attributes: &str, seconds: u8) -> String {
    hcl(&format!(
        "ephemeral \"conformance_token\" \"this\" {{\n  audience = \"somebody\"\n  log      = \"log\"\n{attributes}\n}}\n\n\
         resource \"terraform_data\" \"first\" {{\n  provisioner \"local-exec\" {{\n    command = \"sleep {seconds}\"\n  }}\n}}\n\n\
         resource \"conformance_thing\" \"this\" {{\n  name             = \"a\"\n  \
         password         = ephemeral.conformance_token.this.value\n  password_version = 1\n  \
         depends_on       = [terraform_data.first]\n}}\n"
    ))
}

/// What was done with the tokens, phase after phase: each opens one, and closes it.
fn phases(sandbox: &Sandbox) -> Result<Vec<Vec<String>>> {
    let log = sandbox.read(LOG)?;
    let mut phases: Vec<Vec<String>> = Vec::new();
    for line in log.lines() {
        let done = line.strip_suffix(" somebody").context("a line of somebody else")?;
        if done == "open" {
            phases.push(Vec::new());
        }
        phases.last_mut().context("not opened")?.push(done.to_owned());
    }
    Ok(phases)
}

/// The one error of a run.
fn only_error(run: &Run) -> Result<&fleet_acceptance::Diagnostic> {
    let mut errors = run.errors();
    let error = errors.next().with_context(|| format!("no error: {run}"))?;
    assert_eq!(errors.count(), 0, "{run}");
    assert_eq!(error.address.as_deref(), Some("ephemeral.conformance_token.this"), "{run}");
    Ok(error)
}

fn a_token_is_opened_renewed_and_closed(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&token("  renew_after = 1", 3))?;
    sandbox.apply()?;
    let phases = phases(&sandbox)?;
    // One for the plan, and one for the apply, which takes longer than a token lasts.
    let [plan, apply] = phases.as_slice() else { panic!("{phases:?}") };
    assert_eq!(plan.first().zip(plan.last()), Some((&"open".to_owned(), &"close".to_owned())));
    let [open, renewals @ .., close] = apply.as_slice() else { panic!("{apply:?}") };
    assert_eq!((open.as_str(), close.as_str()), ("open", "close"));
    assert!(!renewals.is_empty() && renewals.iter().all(|done| done == "renew"), "{apply:?}");
    Ok(())
}

fn a_token_is_written_and_not_kept(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&token("", 0))?;
    sandbox.plan()?;
    sandbox.apply_saved()?.success()?;
    let state = sandbox.state()?;
    let thing = state.resource("conformance_thing.this")?;
    assert_eq!(thing.values["password"], serde_json::Value::Null);
    assert_eq!(thing.values["password_length"], "token-for-somebody".len());
    assert!(!sandbox.state_bytes()?.contains("token-for-somebody"));
    sandbox.assert_unchanged()
}

fn what_does_not_open_is_not_used(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&token("  fails = \"open\"", 0))?;
    let run = sandbox.try_apply(&[])?.failure()?;
    let error = only_error(&run)?;
    assert_eq!(error.summary, "No token");
    let code = error.snippet.as_ref().map(|snippet| snippet.code.trim());
    assert_eq!(code, Some("audience = \"somebody\""));
    assert!(!sandbox.file(LOG).exists());
    assert!(sandbox.state()?.resources.is_empty());
    Ok(())
}

/// Terraform keeps the error for those who use the token after that: nobody here does. OpenTofu tells it.
fn tells_of_renewals(cli: Cli) -> bool {
    cli.is_opentofu()
}

fn what_is_not_renewed_is_closed(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&token("  renew_after = 1\n  fails = \"renew\"", 3))?;
    let run = sandbox.try_apply(&[])?;
    if tells_of_renewals(cli) {
        let error = only_error(&run)?;
        assert_eq!((error.summary.as_str(), run.code), ("Not renewed", Some(1)));
    }
    assert_eq!(phases(&sandbox)?.last().context("never opened")?, &["open", "close"]);
    Ok(())
}

fn what_does_not_close_is_an_error(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&token("  fails = \"close\"", 0))?;
    let run = sandbox.try_apply(&[])?.failure()?;
    assert_eq!(only_error(&run)?.summary, "Not closed");
    sandbox.wait_for_no_provider()
}
