//! How many tests passed and failed, read from what test programs print.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

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

/// Runs a test program, showing what it prints, and counts. A program that fails without a failed test
/// (it did not build, it crashed) counts as one failure.
pub(crate) fn tests(command: &mut Command, results: Results) -> Result<Count> {
    match results {
        Results::Stdout => command.stdout(Stdio::piped()),
        Results::Stderr => command.stderr(Stdio::piped()),
    };
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("{command:?} cannot be started"))?;
    let stream: Option<Box<dyn Read>> = match results {
        Results::Stdout => child.stdout.take().map(|stream| Box::new(stream) as _),
        Results::Stderr => child.stderr.take().map(|stream| Box::new(stream) as _),
    };
    let mut count = Count::default();
    for line in BufReader::new(stream.context("a test program has no output")?).lines() {
        let line = line?;
        println!("{line}");
        count += read(&line);
        let failed = failures(&line);
        count.failed += failed;
        count.passed = count.passed.saturating_sub(failed);
    }
    if !child.wait()?.success() && count.failed == 0 {
        count += Count::failure();
    }
    Ok(count)
}

/// Runs a command that holds or not, showing what it prints.
pub(crate) fn check(command: &mut Command) -> Result<Count> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("{command:?} cannot be started"))?;
    Ok(if status.success() { Count::success() } else { Count::failure() })
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
        assert_eq!(tests(&mut command, Results::Stdout)?, Count { passed: 2, failed: 1 });
        let mut command = Command::new("sh");
        command.args(["-c", "echo 'Ran 5 tests in 1s' >&2; echo 'FAILED (errors=2)' >&2; exit 1"]);
        assert_eq!(tests(&mut command, Results::Stderr)?, Count { passed: 3, failed: 2 });
        Ok(())
    }
}
