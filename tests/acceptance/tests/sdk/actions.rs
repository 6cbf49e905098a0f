//! Actions: on their own, and when an object is created or changed.

use anyhow::Result;
use fleet_acceptance::{Cli, Run, Sandbox, each_cli};
use serde_json::Value;

use crate::provider::{hcl, sandbox};

each_cli!(
    an_action_is_invoked,
    an_action_follows_what_triggers_it,
    an_action_that_fails_is_an_error,
    an_action_that_fails_leaves_the_object,
    what_knows_no_actions_says_so,
);

/// Actions came with Terraform 1.14; OpenTofu has none.
fn knows_actions(cli: Cli) -> bool {
    cli == Cli::Terraform1_15
}

const INVOKE: &str = "-invoke=action.conformance_announce.this";

/// An action with these attributes.
fn action(attributes: &str) -> String {
    hcl(&format!(
        "action \"conformance_announce\" \"this\" {{\n  config {{\n    message = \"hello\"\n{attributes}\n  }}\n}}\n"
    ))
}

/// The same, done whenever a thing with this text is created or changed.
fn triggered(attributes: &str, text: &str) -> String {
    let action = action(attributes);
    format!(
        "{action}\nresource \"conformance_thing\" \"this\" {{\n  name = \"a\"\n  text = \"{text}\"\n\n  lifecycle {{\n    \
         action_trigger {{\n      events  = [after_create, after_update]\n      \
         actions = [action.conformance_announce.this]\n    }}\n  }}\n}}\n"
    )
}

/// What the person was told while an action went on.
fn progress(run: &Run) -> Vec<String> {
    run.stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|said| said["type"] == "action_progress")
        .filter_map(|said| Some(said["hook"]["message"].as_str()?.to_owned()))
        .collect()
}

fn said(sandbox: &Sandbox) -> Result<usize> {
    Ok(sandbox.read("work/said")?.lines().count())
}

fn an_action_is_invoked(cli: Cli) -> Result<()> {
    if !knows_actions(cli) {
        return Ok(());
    }
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&action("    times   = 3\n    file    = \"said\""))?;
    let run = sandbox.try_apply(&[INVOKE])?.success()?;
    assert_eq!(progress(&run), ["1: hello", "2: hello", "3: hello"]);
    assert_eq!(said(&sandbox)?, 3);
    // Without being asked for it is not done.
    sandbox.apply()?;
    assert_eq!(said(&sandbox)?, 3);
    assert!(sandbox.state()?.resources.is_empty());
    sandbox.wait_for_no_provider()
}

fn an_action_follows_what_triggers_it(cli: Cli) -> Result<()> {
    if !knows_actions(cli) {
        return Ok(());
    }
    let sandbox = sandbox(cli)?;
    for (text, times) in [("one", 1), ("one", 1), ("two", 2)] {
        sandbox.hcl_whole(&triggered("    file = \"said\"", text))?;
        sandbox.apply()?;
        assert_eq!(said(&sandbox)?, times, "after {text}");
    }
    sandbox.assert_unchanged()
}

fn an_action_that_fails_is_an_error(cli: Cli) -> Result<()> {
    if !knows_actions(cli) {
        return Ok(());
    }
    let sandbox = sandbox(cli)?;
    for (fails, summary, says) in [
        ("plan", "Not to be announced", "Nobody may hear of it."),
        ("invoke", "Error when invoking action", "Not heard: Nobody listened to `hello`."),
    ] {
        sandbox.hcl_whole(&action(&format!("    fails   = \"{fails}\"")))?;
        let run = sandbox.try_apply(&[INVOKE])?.failure()?;
        let errors: Vec<_> = run.errors().collect();
        let [error] = errors.as_slice() else { panic!("{run}") };
        assert_eq!((error.summary.as_str(), error.detail.as_str()), (summary, says));
        // Terraform makes an error of its own of what an invocation says, without its place.
        if fails == "plan" {
            let code = error.snippet.as_ref().map(|snippet| snippet.code.trim());
            assert_eq!(code, Some("message = \"hello\""), "{run}");
        }
    }
    Ok(())
}

fn an_action_that_fails_leaves_the_object(cli: Cli) -> Result<()> {
    if !knows_actions(cli) {
        return Ok(());
    }
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&triggered("    fails = \"invoke\"", "one"))?;
    let run = sandbox.try_apply(&[])?.failure()?;
    assert!(run.errors().any(|error| error.detail.contains("Nobody listened")), "{run}");
    assert_eq!(sandbox.state()?.resource("conformance_thing.this")?.values["id"], "thing-a");
    sandbox.assert_unchanged()
}

fn what_knows_no_actions_says_so(cli: Cli) -> Result<()> {
    if knows_actions(cli) {
        return Ok(());
    }
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&triggered("", "one"))?;
    let run = sandbox.try_apply(&[])?.failure()?;
    let said: Vec<_> = run.errors().map(|error| error.summary.as_str()).collect();
    assert!(!said.is_empty() && said.iter().all(|said| *said == "Unsupported block type"), "{run}");
    // Its schema has actions all the same, and what needs none is not held up.
    sandbox.hcl_whole(&hcl("resource \"conformance_thing\" \"this\" {\n  name = \"a\"\n}\n"))?;
    sandbox.apply()?;
    sandbox.assert_unchanged()
}
