//! A vendor that is another process, and its host, killed at every point of an account's life: each call, each event, each
//! change. The host is the provider's own client in a program of its own; the vendor is the kit's, its cloud a directory.
//!
//! Whatever dies, and when: one account per key, no second change before a look, and the same end.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};
use fleet_acceptance::example_of;
use serde_json::Value;
use tempfile::TempDir;

/// Runs in all, at least.
const RUNS: usize = 300;

/// How many lives go on at one time.
const AT_ONCE: usize = 4;

/// How often a person starts the host again before giving up.
const STARTS: usize = 6;

/// How many points after the first the second process dies; 0: none does.
const AGAIN: [usize; 3] = [0, 2, 5];

/// Programs, a directory, and who is to die in it at which points.
struct Life {
    place: TempDir,
    host: PathBuf,
    vendor: PathBuf,
    arguments: Vec<String>,
}

impl Life {
    fn new(victim: Option<&str>, at: &[usize]) -> Result<Self> {
        let mut arguments = Vec::new();
        if let Some(victim) = victim {
            arguments.extend(["--kill".to_owned(), victim.to_owned()]);
            arguments.extend(at.iter().flat_map(|at| ["--at".to_owned(), at.to_string()]));
        }
        let host = example_of("fleet-vending", "drives-a-vendor")?;
        let vendor = example_of("fleet-vending-conformance", "breakable-vendor")?;
        Ok(Self { place: tempfile::tempdir()?, host, vendor, arguments })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// The host until it ends well, started as often as it takes.
    fn live(&self) -> Result<()> {
        let mut said = Vec::new();
        for _ in 0..STARTS {
            let done = Command::new(&self.host)
                .arg(self.file("state.json"))
                .arg(self.file("cloud"))
                .arg(&self.vendor)
                .arg("--points")
                .arg(self.file("points"))
                .args(&self.arguments)
                .env("TMPDIR", self.place.path())
                .output()?;
            if done.status.success() {
                return Ok(());
            }
            said.push(format!("{}: {}", done.status, String::from_utf8_lossy(&done.stderr)));
        }
        bail!("the host did not come to the end in {STARTS} starts:\n{}", said.join("\n"))
    }

    /// The accounts of the cloud.
    fn accounts(&self) -> Result<Vec<Value>> {
        let files = fs::read_dir(self.file("cloud"))?.filter_map(Result::ok).map(|of| of.path());
        let files = files.filter(|of| of.extension().is_some_and(|end| end == "json"));
        files.map(|of| Ok(serde_json::from_slice(&fs::read(of)?)?)).collect()
    }

    /// What must be, however it came about.
    fn check(&self) -> Result<()> {
        let accounts = self.accounts()?;
        let [account] = accounts.as_slice() else { bail!("not one account: {accounts:?}") };
        ensure!(account["key"] == "payments" && account["name"] == "renamed", "{account}");
        ensure!(account["lifecycle"] == "Closed", "{account}");
        let state: Value = serde_json::from_slice(&fs::read(self.file("state.json"))?)?;
        ensure!(account["native_id"] == state["id"], "{account} and {state}");
        looks_first(&fs::read_to_string(self.file("points"))?)
    }
}

/// Where a host has lost a vendor, the next one that it tells to change something has looked before.
fn looks_first(points: &str) -> Result<()> {
    let mut hosts = BTreeSet::new();
    let (mut writers, mut looked) = (BTreeSet::new(), BTreeSet::new());
    for line in points.lines() {
        let mut words = line.splitn(3, ' ');
        let (host, vendor) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match words.next().unwrap_or_default() {
            "Observe" => {
                looked.insert(vendor);
            }
            "Advance" | "Transition" if writers.insert(vendor) => {
                let is_first = hosts.insert(host);
                ensure!(
                    is_first || looked.contains(vendor),
                    "{vendor} changes before it looks:\n{points}"
                );
            }
            _ => {}
        }
    }
    Ok(())
}

/// How many points a life has in which nobody dies.
fn points() -> Result<usize> {
    let life = Life::new(None, &[])?;
    life.live()?;
    life.check()?;
    Ok(fs::read_to_string(life.file("points"))?.lines().count())
}

fn survives(victim: &str, at: &[usize]) -> Result<()> {
    let life = Life::new(Some(victim), at)?;
    life.live().and_then(|()| life.check()).with_context(|| {
        let points = fs::read_to_string(life.file("points")).unwrap_or_default();
        format!("{victim} killed at {at:?} of\n{points}")
    })?;
    nothing_runs(&life.vendor, life.place.path())
}

/// Nothing of this life runs any more: a vendor ends with its host.
fn nothing_runs(vendor: &Path, place: &Path) -> Result<()> {
    let runs = || -> Result<bool> {
        let processes = fs::read_dir("/proc")?.filter_map(Result::ok);
        Ok(processes
            .filter(|of| fs::read_link(of.path().join("exe")).is_ok_and(|exe| exe == vendor))
            .filter_map(|of| fs::read(of.path().join("cmdline")).ok())
            .any(|of| String::from_utf8_lossy(&of).contains(&*place.to_string_lossy())))
    };
    for _ in 0..600 {
        if !runs()? {
            return Ok(());
        }
        thread::sleep(std::time::Duration::from_millis(50));
    }
    bail!("a vendor of {} still runs", place.display())
}

#[test]
fn whoever_dies_at_whatever_point_there_is_one_account_and_the_same_end() -> Result<()> {
    let points = points()?;
    let mut runs = Vec::new();
    for victim in ["vendor", "host"] {
        for again in AGAIN {
            for at in 1..=points {
                let at = if again == 0 { vec![at] } else { vec![at, at + again] };
                runs.push((victim, at));
            }
        }
    }
    ensure!(runs.len() >= RUNS, "{} runs, {points} points", runs.len());
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((victim, at)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = survives(victim, at) {
                        let mut failed = failed.lock().unwrap_or_else(|of| of.into_inner());
                        failed.push(format!("{error:#}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_default();
    println!("{} lives under fire, {} failed", runs.len(), failed.len());
    ensure!(failed.is_empty(), "{} of {}:\n{}", failed.len(), runs.len(), failed.join("\n\n"));
    Ok(())
}

#[test]
fn a_change_before_a_look_would_be_seen() -> Result<()> {
    looks_first("1 2 Advance\n1 3 Observe\n1 3 Advance\n4 5 Advance\n")?;
    assert!(looks_first("1 2 Advance\n1 3 Advance\n").is_err());
    assert!(looks_first("1 2 Advance\n1 2 Observe\n1 3 Transition\n").is_err());
    Ok(())
}
