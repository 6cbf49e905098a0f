//! Why `git` gave no answer.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The program cannot be run.
    Io(io::Error),
    /// No temporary file can be made for what it says.
    Temporary(io::Error),
    /// It took longer than this.
    TimedOut(Duration),
    /// Other runs work on the same copy, for longer than this.
    Busy(Duration),
    /// Somebody ended it.
    Stopped(ExitStatus),
    /// It refused, in its own words.
    Said(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "could not be run: {error}"),
            Self::Temporary(error) => {
                let place = std::env::temp_dir();
                write!(
                    f,
                    "needs a temporary file, and none can be made in `{}`: {error}",
                    place.display()
                )
            }
            Self::TimedOut(limit) => write!(f, "did not answer within {} seconds", limit.as_secs()),
            Self::Busy(limit) => {
                write!(f, "is in use by another run for more than {} seconds", limit.as_secs())
            }
            Self::Stopped(status) => write!(f, "was ended from outside ({status})"),
            Self::Said(text) => write!(f, "answered: {text}"),
        }
    }
}

/// A question that got no answer.
#[derive(Debug, thiserror::Error)]
#[error("`git {verb}` in `{}` {failure}", path.display())]
pub struct Unanswered {
    /// Where it ran.
    pub path: PathBuf,
    /// What it was asked.
    pub verb: &'static str,
    /// What came of it.
    pub failure: Failure,
}
