//! Ctrl-C while a handler waits, and while one goes on as if nothing had been said.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use fleet_acceptance::{Cli, Run, Sandbox, each_cli, example};
use rustix::process::{Pid, Signal, kill_process};

each_cli!(
    a_create_that_listens_is_interrupted,
    a_create_that_does_not_listen_is_cut_off,
    a_create_that_blocks_its_thread_is_cut_off,
    an_update_that_is_cut_off_leaves_the_object_as_it_was,
);

/// Longer than the grace of the provider under test, far shorter than its handlers go on.
const PATIENCE: Duration = Duration::from_secs(60);

const CUT_OFF: &str = "The provider did not stop";

/// A sandbox with the provider of the transport's tests, which logs to a file.
fn sandbox(cli: Cli) -> Result<Sandbox> {
    let provider = example("transport-provider")?;
    let log = [("TF_LOG_PROVIDER", "trace"), ("TF_LOG_PATH", "log")];
    let log = log.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Sandbox::new(cli, &[("example/example", &provider)])?.with_variables(log.to_vec()))
}

/// A note that stays, and one that may not end.
fn notes(text: &str, creation: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    example = {{ source = \"example/example\" }}\n  }}\n}}\n\n\
         resource \"example_note\" \"kept\" {{\n  text = \"kept\"\n}}\n\n\
         resource \"example_note\" \"this\" {{\n  text     = \"{text}\"\n  creation = \"{creation}\"\n  \
         depends_on = [example_note.kept]\n}}\n"
    )
}

/// How often the log tells that the provider was asked to apply something.
fn applies(sandbox: &Sandbox) -> usize {
    let log = sandbox.read("work/log").unwrap_or_default();
    let asked = |line: &&str| {
        line.contains("Received request") && line.contains("tf_rpc=ApplyResourceChange")
    };
    log.lines().filter(asked).count()
}

/// Presses Ctrl-C once `more` objects are being applied.
fn interrupted(sandbox: &Sandbox, more: usize) -> Result<Run> {
    let wanted = applies(sandbox) + more;
    let arguments = ["apply", "-json", "-auto-approve"];
    let mut apply = sandbox.start(&arguments)?;
    let start = Instant::now();
    while applies(sandbox) < wanted {
        if start.elapsed() > PATIENCE || apply.try_wait()?.is_some() {
            let run = sandbox.finish(&arguments, apply)?;
            bail!("nothing is applied:\n{run}");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    // A terminal sends it to the whole group.
    for pid in sandbox.provider_processes()?.into_iter().chain([i32::try_from(apply.id())?]) {
        kill_process(Pid::from_raw(pid).context("no process")?, Signal::INT)?;
    }
    let run = sandbox.finish(&arguments, apply)?.failure()?;
    assert!(run.took < PATIENCE, "{run}");
    assert!(!run.to_string().contains("Plugin did not respond"), "{run}");
    sandbox.wait_for_no_provider()?;
    Ok(run)
}

fn says(run: &Run, summary: &str) {
    let said: Vec<_> = run.errors().map(|error| error.summary.as_str()).collect();
    assert!(said.contains(&summary), "{run}");
}

/// Interrupts the create of a note beside one that is there already.
fn create(cli: Cli, creation: &str, summary: &str) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&notes("one", creation))?;
    let run = interrupted(&sandbox, 2)?;
    says(&run, summary);
    let state = sandbox.state()?;
    let created: Vec<_> = state.resources.keys().collect();
    assert_eq!(created, ["example_note.kept"]);
    // And the next run is as any other.
    sandbox.hcl_whole(&notes("one", "succeed"))?;
    sandbox.apply()?;
    sandbox.assert_unchanged()
}

fn a_create_that_listens_is_interrupted(cli: Cli) -> Result<()> {
    create(cli, "wait", "Interrupted")
}

fn a_create_that_does_not_listen_is_cut_off(cli: Cli) -> Result<()> {
    create(cli, "ignore", CUT_OFF)
}

fn a_create_that_blocks_its_thread_is_cut_off(cli: Cli) -> Result<()> {
    create(cli, "block", CUT_OFF)
}

fn an_update_that_is_cut_off_leaves_the_object_as_it_was(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&notes("one", "succeed"))?;
    sandbox.apply()?;
    sandbox.hcl_whole(&notes("two", "ignore"))?;
    says(&interrupted(&sandbox, 1)?, CUT_OFF);
    let state = sandbox.state()?;
    let values = &state.resource("example_note.this")?.values;
    assert_eq!((&values["text"], &values["length"]), (&"one".into(), &3.into()));
    sandbox.hcl_whole(&notes("one", "succeed"))?;
    sandbox.assert_unchanged()
}
