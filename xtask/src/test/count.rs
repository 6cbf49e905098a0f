//! How many tests passed and failed, and why, read from what test programs print.

use std::collections::VecDeque;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context as _, Result};

/// How much of what a failed step printed is told again at the end of the run.
const TOLD_AGAIN: usize = 80;

/// Tests passed and failed. A check that has no tests in it counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    /// One check that held.
    pub(crate) fn success() -> Self {
        Self { passed: 1, failed: 0 }
    }

    /// One check that did not.
    pub(crate) fn failure() -> Self {
        Self { passed: 0, failed: 1 }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// What one line adds: libtest's `test result:`, unittest's `Ran N tests` and `FAILED (failures=N, errors=N)`.
fn read(line: &str) -> Count {
    if let Some(result) = line.trim_start().strip_prefix("test result:") {
        return Count { passed: before(result, " passed"), failed: before(result, " failed") };
    }
    if let Some(rest) = line.strip_prefix("Ran ") {
        let tests =
            rest.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        return Count { passed: tests, failed: 0 };
    }
    Count::default()
}

/// How many of unittest's `Ran N tests` failed.
fn failures(line: &str) -> u64 {
    let Some(rest) = line.strip_prefix("FAILED (") else { return 0 };
    rest.trim_end_matches(')')
        .split(", ")
        .filter_map(|part| part.split_once('='))
        .filter(|(what, _)| ["failures", "errors", "unexpected successes"].contains(what))
        .filter_map(|(_, number)| number.parse::<u64>().ok())
        .sum()
}

/// The number that stands right before `word`.
fn before(text: &str, word: &str) -> u64 {
    let Some((head, _)) = text.split_once(word) else { return 0 };
    head.rsplit(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// Which of a command's streams its results are on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Results {
    /// libtest.
    Stdout,
    /// unittest.
    Stderr,
}

/// What became of a step.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) count: Count,
    /// Where something failed: the last of what was printed about it. A log of CI may be cut before the
    /// place where a step failed, so the end of the run tells it again.
    pub(crate) told: Vec<String>,
}

impl Outcome {
    /// One check that held.
    pub(crate) fn success() -> Self {
        Self { count: Count::success(), told: Vec::new() }
    }

    /// One check that did not, for this reason.
    pub(crate) fn failure(reason: &str) -> Self {
        Self { count: Count::failure(), told: reason.lines().map(str::to_owned).collect() }
    }
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.told.extend(other.told);
    }
}

/// Runs a command and hands on each line of it, after showing it where it belongs. Whether it succeeded.
fn watch(command: &mut Command, mut line: impl FnMut(Results, String)) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{command:?} cannot be started"))?;
    let (sender, lines) = mpsc::channel();
    let read = |stream: Option<Box<dyn Read + Send>>, results: Results| {
        let sender = sender.clone();
        thread::spawn(move || {
            for line in stream.map(BufReader::new).into_iter().flat_map(BufReader::lines) {
                // A closed pipe, or a line that is no text, ends the reading; the exit code decides.
                let Ok(line) = line else { break };
                if sender.send((results, line)).is_err() {
                    break;
                }
            }
        })
    };
    let readers = [
        read(child.stdout.take().map(|stream| Box::new(stream) as _), Results::Stdout),
        read(child.stderr.take().map(|stream| Box::new(stream) as _), Results::Stderr),
    ];
    drop(sender);
    for (results, text) in lines {
        match results {
            Results::Stdout => println!("{text}"),
            Results::Stderr => eprintln!("{text}"),
        }
        line(results, text);
    }
    drop(readers);
    Ok(child.wait()?.success())
}

/// What is told again of a run of tests: libtest's lists of failures; without one, the last lines.
#[derive(Default)]
struct Notes {
    last: VecDeque<String>,
    failures: Vec<String>,
    is_failures: bool,
}

impl Notes {
    fn take(&mut self, line: String) {
        if line == "failures:" {
            self.is_failures = true;
        } else if line.starts_with("test result:") {
            self.is_failures = false;
        }
        if self.is_failures && self.failures.len() < TOLD_AGAIN {
            self.failures.push(line.clone());
        }
        if self.last.len() == TOLD_AGAIN {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    fn told(self) -> Vec<String> {
        if self.failures.is_empty() { self.last.into() } else { self.failures }
    }
}

/// Runs a test program, showing what it prints, and counts. A program that fails without a failed test
/// (it did not build, it crashed) counts as one failure.
pub(crate) fn tests(command: &mut Command, results: Results) -> Result<Outcome> {
    let mut count = Count::default();
    let mut notes = Notes::default();
    let succeeded = watch(command, |from, line| {
        if from == results {
            count += read(&line);
            let failed = failures(&line);
            count.failed += failed;
            count.passed = count.passed.saturating_sub(failed);
        }
        notes.take(line);
    })?;
    if !succeeded && count.failed == 0 {
        count += Count::failure();
    }
    Ok(Outcome { count, told: if count.failed == 0 { Vec::new() } else { notes.told() } })
}

/// Runs a command that holds or not, showing what it prints.
pub(crate) fn check(command: &mut Command) -> Result<Outcome> {
    let mut notes = Notes::default();
    Ok(if watch(command, |_, line| notes.take(line))? {
        Outcome::success()
    } else {
        Outcome { count: Count::failure(), told: notes.told() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_results_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(read(line), Count { passed: 12, failed: 3 });
        assert_eq!(read("test account::create ... ok"), Count::default());
    }

    #[test]
    fn unittest_results_are_read() {
        assert_eq!(read("Ran 49 tests in 9.7s"), Count { passed: 49, failed: 0 });
        assert_eq!(failures("FAILED (failures=3, errors=9, skipped=1)"), 12);
        assert_eq!(failures("OK"), 0);
    }

    #[test]
    fn a_program_that_fails_without_a_failed_test_is_a_failure() -> Result<()> {
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'test result: ok. 2 passed; 0 failed'; exit 3"]);
        assert_eq!(tests(&mut command, Results::Stdout)?.count, Count { passed: 2, failed: 1 });
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'Ran 5 tests in 1s' >&2; echo 'FAILED (errors=2)' >&2; exit 1"]);
        assert_eq!(tests(&mut command, Results::Stderr)?.count, Count { passed: 3, failed: 2 });
        Ok(())
    }

    #[test]
    fn what_failed_is_told_again() -> Result<()> {
        let mut command = Command::new("sh");
        command.args(["-c", "echo fine; exit 0"]);
        assert!(check(&mut command)?.told.is_empty());
        let mut command = Command::new("sh");
        command.args(["-c", "for i in $(seq 200); do echo line $i; done; exit 1"]);
        let told = check(&mut command)?.told;
        assert_eq!(told.len(), TOLD_AGAIN);
        assert_eq!(told.last(), Some(&"line 200".to_owned()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo why >&2; exit 1"]);
        assert_eq!(check(&mut command)?.told, ["why"]);
        let mut command = Command::new("sh");
        let printed = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\nit broke\n\nfailures:\n    a\n\ntest result: FAILED. 1 passed; 1 failed;\nlater";
        command.args(["-c", "printf '%b' \"$1\"; exit 1", "sh", printed]);
        let told = tests(&mut command, Results::Stdout)?.told;
        assert!(told.contains(&"it broke".to_owned()) && !told.contains(&"later".to_owned()));
        Ok(())
    }
}
