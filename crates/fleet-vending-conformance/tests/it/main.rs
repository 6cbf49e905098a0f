//! The kit against a vendor that keeps every rule, and against the same vendor when it breaks one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::{fs, thread};

use serde_json::Value;

/// What `breakable-vendor` breaks, and the number of the test that has to fail then, and no other.
const SWITCHES: [(&str, u64); 31] = [
    ("description-varies", 1),
    ("answers-unconfigured", 2),
    ("settings-without-place", 3),
    ("read-only-writes", 4),
    ("eighth-call-makes-another", 5),
    ("calls-race", 6),
    ("processes-race", 7),
    ("remembers-too-late", 8),
    ("makes-again-after-lost-answer", 9),
    ("cancel-is-ignored", 10),
    ("deadline-is-an-error", 11),
    ("key-may-change", 12),
    ("owner-is-ignored", 13),
    ("no-checkpoint", 14),
    ("phase-goes-back", 15),
    ("observe-writes", 16),
    ("preflight-sees-the-first", 17),
    ("one-class-for-all", 18),
    ("settings-are-told", 19),
    ("closes-what-is-active", 20),
    ("pages-overlap", 21),
    ("falls-over-strange-texts", 22),
    ("release-deletes", 23),
    ("outlives-stdin", 24),
    ("people-are-not-told", 25),
    ("silent-while-it-waits", 14),
    ("observe-varies", 16),
    ("believes-everything", 16),
    ("freezes-for-good", 20),
    ("digest-is-ignored", 20),
    ("every-token-is-a-page", 21),
];

/// Runs at the same time: they wait more than they work.
const AT_ONCE: usize = 6;

fn kit(folder: &Path, options: &[&str], vendor: &[&str]) -> Output {
    let kit = PathBuf::from(env!("CARGO_BIN_EXE_fleet-vending-conformance"));
    let settings = folder.join("settings.json");
    fs::write(&settings, r#"{"directory":"{scratch}/cloud"}"#).unwrap();
    Command::new(&kit)
        .arg("--settings")
        .arg(settings)
        .args(["--witness", "{scratch}/cloud", "--fault-file", "{scratch}/cloud/.fault"])
        .args(["--silence", "1", "--patience", "20"])
        .args(options)
        .arg("--")
        .arg(kit.with_file_name("examples").join("breakable-vendor"))
        .args(vendor)
        .output()
        .unwrap()
}

fn rows(output: &Output) -> Vec<(u64, String)> {
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let row =
        |row: &Value| (row["number"].as_u64().unwrap(), row["result"].as_str().unwrap().to_owned());
    report["tests"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_vendor_that_keeps_every_rule_passes_every_test() {
    let folder = tempfile::tempdir().unwrap();
    let output = kit(folder.path(), &["--json"], &[]);
    let all: Vec<(u64, String)> = (1..=25).map(|number| (number, "pass".to_owned())).collect();
    assert_eq!(rows(&output), all, "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_vendor_that_breaks_one_rule_fails_the_test_of_that_rule_and_no_other() {
    let waiting = Mutex::new(SWITCHES.iter());
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((switch, number)) = waiting.lock().unwrap().next() else { break };
                    let folder = tempfile::tempdir().unwrap();
                    let output = kit(folder.path(), &["--json"], &["--break", switch]);
                    let rows = rows(&output).into_iter();
                    let failed: Vec<u64> = rows
                        .filter(|(_, result)| result == "fail")
                        .map(|(number, _)| number)
                        .collect();
                    if failed != [*number] || output.status.code() != Some(1) {
                        let said = String::from_utf8_lossy(&output.stdout).into_owned();
                        wrong.lock().unwrap().push(format!("{switch} fails {failed:?}: {said}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_ways_to_look_and_to_fail_tests_are_skipped_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let output = kit(folder.path(), &["--faults", "slow", "--only", "9,18,25"], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("is not among --faults").count(), 3, "{text}");
    assert!(text.ends_with("0 passed, 0 failed, 3 not tried\n"), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_cannot_be_run_is_told_and_is_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    for (options, vendor, told) in [
        (["--only", "26"], "", "the tests have the numbers 1 to 25"),
        (["--faults", "fire"], "", "there is no `fire`"),
        (["--env", "NAME"], "", "NAME=VALUE is meant"),
        // No vendor: its own words are shown.
        (["--start", "10"], "--no-such-option", "no-such-option"),
    ] {
        let vendor: Vec<&str> = Some(vendor).filter(|word| !word.is_empty()).into_iter().collect();
        let output = kit(folder.path(), &options, &vendor);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(told), "{options:?}: {said}");
        assert_eq!(output.status.code(), Some(2));
    }
}
