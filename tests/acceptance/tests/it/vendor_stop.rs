//! Ctrl-C, and Ctrl-C again, while a vendor that listens to nobody makes an account.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use fleet_acceptance::{Cli, Workspace, one_cli};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::hcl::{account, all};
use crate::vendors::{block, configure, nothing_runs, shelved, vendor};

one_cli!(interrupted_twice_nothing_runs_and_nothing_is_lost);

const APPLY: [&str; 3] = ["apply", "-json", "-auto-approve"];

/// Far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The accounts in the vendor's directory, as `(key, id)`.
fn vended(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let files = fs::read_dir(workspace.file("cloud"))?.filter_map(Result::ok).map(|of| of.path());
    let mut found = Vec::new();
    for path in files.filter(|of| of.extension().is_some_and(|end| end == "json")) {
        let account: Value = serde_json::from_slice(&fs::read(path)?)?;
        let text = |name: &str| account[name].as_str().map(str::to_owned).context("no text");
        found.push((text("key")?, text("native_id")?));
    }
    found.sort();
    Ok(found)
}

/// Waits until `is_so`.
fn until(what: &str, is_so: impl Fn() -> Result<bool>) -> Result<()> {
    let began = Instant::now();
    while !is_so()? {
        ensure!(began.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn interrupted_twice_nothing_runs_and_nothing_is_lost(cli: Cli) -> Result<()> {
    let log = [("TF_LOG_PROVIDER", "trace"), ("TF_LOG_PATH", "log")];
    let workspace = Workspace::new(cli)?.with_variables(&log);
    let program = vendor(&workspace)?;
    let deaf = "    args     = [\"--break\", \"cancel-is-ignored\"]\n    settings =";
    let vendors = block(&workspace, &program)?.replace("    settings =", deaf);
    configure(&workspace, &vendors, &shelved().to_string())?;
    workspace.apply()?;
    let first = vended(&workspace)?;

    let slow = account("b").without("email").without("controls").text("vendor", "shelf");
    configure(&workspace, &vendors, &all(&[&shelved(), &slow]))?;
    fs::write(workspace.file("cloud/.fault"), "slow")?;
    let mut apply = workspace.start(&APPLY)?;
    until("there is a second account", || Ok(vended(&workspace)?.len() == 2))?;
    let made = vended(&workspace)?;
    let group = workspace.provider_processes()?.into_iter().chain([i32::try_from(apply.id())?]);
    let group: Vec<Pid> = group.filter_map(Pid::from_raw).collect();
    for pid in &group {
        kill_process(*pid, Signal::INT)?;
    }
    until("the provider is told to stop", || {
        Ok(workspace.read("work/log")?.contains("tf_rpc=StopProvider"))
    })?;
    ensure!(apply.try_wait()?.is_none(), "it waits for the vendor, which goes on");
    for pid in &group {
        kill_process(*pid, Signal::INT)?;
    }
    let run = workspace.finish(&APPLY, apply)?.failure()?;
    // What a CLI says that does not wait for its providers any more.
    assert!(run.to_string().contains("operation canceled"), "{run}");
    workspace.wait_for_no_provider()?;
    nothing_runs(&program)?;

    // What there was is there, and what was being made is found, not made again.
    let kept = workspace.state()?;
    assert_eq!(kept.resource("fleet_account.a")?.string("id")?, first[0].1);
    fs::remove_file(workspace.file("cloud/.fault"))?;
    workspace.apply()?;
    assert_eq!(vended(&workspace)?, made);
    let state = workspace.state()?;
    for (key, id) in &made {
        let of = state.resource(&format!("fleet_account.{key}"))?;
        assert!(!of.tainted && of.values["ready"] == true, "{:#}", of.values);
        assert_eq!(of.string("id")?, id);
    }
    workspace.assert_unchanged()
}
