//! What a provider costs while a CLI runs it.
//!
//! The CLI is given a script in place of the provider, which runs the provider through `cargo xtask meter`: that waits
//! for it and writes down what the kernel counted. The CLI's own cost is not measured in such a run.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;

use super::process::{cpu, megabytes, of_children};

/// What to run, and where to write what it cost.
#[derive(Args)]
pub(crate) struct Options {
    /// The file that gets a line for each process.
    log: PathBuf,
    /// The program.
    program: PathBuf,
}

/// Runs a program and writes a line: its CPU in nanoseconds and the most memory it had, in KiB.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let status = Command::new(&options.program).status()?;
    let usage = of_children()?;
    let line = format!("{} {}\n", cpu(&usage).as_nanos(), usage.max_rss());
    // In one piece: other processes write to it as well.
    OpenOptions::new().append(true).open(&options.log)?.write_all(line.as_bytes())?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the processes of a provider cost together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Metered {
    /// How many there were.
    pub(crate) processes: u32,
    /// CPU of all of them.
    pub(crate) cpu: Duration,
    /// Megabytes that the largest of them had resident at its peak.
    pub(crate) peak: f64,
}

/// A provider that is metered.
pub(crate) struct Meter {
    log: PathBuf,
}

impl Meter {
    /// Writes the script that stands for `program` to `script`.
    pub(crate) fn place(program: &Path, script: &Path) -> Result<Self> {
        let log = script.with_extension("log");
        let xtask = std::env::current_exe()?;
        let words = [&xtask, Path::new("meter"), &log, program].map(quoted);
        fs::write(script, format!("#!/bin/sh\nexec {}\n", words.join(" ")))?;
        fs::set_permissions(script, fs::Permissions::from_mode(0o755))?;
        Ok(Self { log })
    }

    /// What the provider costs while `act` runs.
    pub(crate) fn of(&self, act: impl FnOnce() -> Result<()>) -> Result<Metered> {
        File::create(&self.log)?;
        act()?;
        let text = fs::read_to_string(&self.log)?;
        read(&text).with_context(|| format!("a meter wrote {text:?}"))
    }
}

/// A word for the shell.
fn quoted(word: impl AsRef<Path>) -> String {
    format!("'{}'", word.as_ref().display().to_string().replace('\'', r"'\''"))
}

/// Adds up the lines that [`run`] wrote.
fn read(log: &str) -> Option<Metered> {
    let mut all = Metered::default();
    for line in log.lines() {
        let (cpu, peak) = line.split_once(' ')?;
        all.processes += 1;
        all.cpu += Duration::from_nanos(cpu.parse().ok()?);
        all.peak = all.peak.max(megabytes(peak.parse().ok()?));
    }
    (all.processes > 0).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_adds_up_and_the_largest_peak_counts() {
        let all = read("1000000 5000\n2500000 7000\n500000 6000\n").unwrap();
        assert_eq!((all.processes, all.cpu), (3, Duration::from_millis(4)));
        assert!((all.peak - 7.168).abs() < 1e-9, "{}", all.peak);
    }

    #[test]
    fn a_provider_that_was_never_started_is_no_figure() {
        assert_eq!(read(""), None);
        assert_eq!(read("12"), None);
    }

    #[test]
    fn a_path_survives_the_shell() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
