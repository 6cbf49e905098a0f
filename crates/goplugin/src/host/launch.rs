//! What is started, and how.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{Clock, SystemClock};
use super::output::Sink;
use super::sha256::Sha256;
use crate::protocol::Protocol;

/// How long a plugin may take to start: go-plugin's own limit. An interpreter that loads gRPC takes seconds on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// What to start, and how. [`Launch::new`] fills in what is usual.
#[derive(Clone)]
#[non_exhaustive]
pub struct Launch {
    /// What tells these plugins from others.
    pub protocol: Protocol,
    /// The program, by an absolute path.
    pub command: PathBuf,
    /// Its arguments. One that is the path of one of `files` becomes the path of a private copy of it.
    pub args: Vec<OsString>,
    /// Files, by absolute paths, and the sums that they must have: the program, and for an interpreter each file that it is to
    /// load. What is checked is what is executed: the program itself on Linux, and copies in a private directory otherwise, which
    /// keep their places to each other. A file that a program opens by another path than its arguments say is checked, and read
    /// by the program all the same as it then is.
    pub files: Vec<(PathBuf, Sha256)>,
    /// Where the program has to be, once links are followed. None: anywhere.
    pub within: Option<PathBuf>,
    /// Its environment, beside what is inherited.
    pub env: BTreeMap<OsString, OsString>,
    /// Variables that it has from the host's own environment, where they are set. It has no others: a host's environment holds
    /// secrets that are not the plugin's.
    pub inherit_env: Vec<OsString>,
    /// Where it stands. None: where the host stands.
    pub working_directory: Option<PathBuf>,
    /// How long it may take until it can be called.
    pub start_timeout: Duration,
    /// Where its private directory may be, best first. None: `TMPDIR`, `/tmp`, `/var/tmp`.
    pub places: Vec<PathBuf>,
    /// Takes each line of its stderr, without its end, cut at 64 KiB, as the plugin wrote it: secrets and control characters are
    /// for this to take out. Called on the thread that serves all plugins, so it may not block.
    pub stderr: Sink,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Launch {
    /// Starts `command` without arguments, unchecked, with an empty environment, in at most 60 s.
    pub fn new(protocol: Protocol, command: impl Into<PathBuf>) -> Self {
        Self {
            protocol,
            command: command.into(),
            args: Vec::new(),
            files: Vec::new(),
            within: None,
            env: BTreeMap::new(),
            inherit_env: Vec::new(),
            working_directory: None,
            start_timeout: START_TIMEOUT,
            places: Vec::new(),
            stderr: Arc::new(|_| {}),
            clock: Arc::new(SystemClock::default()),
        }
    }
}
