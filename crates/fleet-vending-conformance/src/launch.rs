//! A vendor's process, and the channel to it: as the provider starts vendors.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use fleet_vending_proto::{COOKIE_NAME, COOKIE_VALUE, PROTOCOL_VERSION};
use goplugin::Protocol;
use goplugin::host::{Launch, Running};

/// Bytes of a log that are kept.
const LOG: usize = 1 << 20;

/// What of our own environment a vendor is given.
const INHERITED: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// How a vendor is started.
pub(crate) struct Launcher(Launch);

/// What a vendor wrote to stderr.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Log {
    fn add(&self, line: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() + line.len() < LOG {
            kept.push_str(line);
            kept.push('\n');
        }
    }

    /// All that is kept.
    pub(crate) fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last lines, for people.
    pub(crate) fn end(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

impl Launcher {
    /// `command` and its arguments, with these variables, which has to listen within `limit`.
    ///
    /// # Errors
    ///
    /// There is no such program.
    pub(crate) fn new(
        command: &[OsString],
        environment: Vec<(OsString, OsString)>,
        limit: Duration,
    ) -> Result<Self> {
        let (program, arguments) = command.split_first().context("there is no command")?;
        let protocol = Protocol {
            cookie_key: COOKIE_NAME,
            cookie_value: COOKIE_VALUE,
            version: PROTOCOL_VERSION,
        };
        let mut launch = Launch::new(protocol, found(program)?);
        launch.args = arguments.to_vec();
        launch.env = environment.into_iter().collect();
        launch.inherit_env = INHERITED.map(OsString::from).to_vec();
        launch.start_timeout = limit;
        Ok(Self(launch))
    }

    /// Starts a vendor.
    ///
    /// # Errors
    ///
    /// It does not become one; what it logged is in the text.
    pub(crate) async fn start(&self) -> Result<(Running, Log)> {
        let log = Log::default();
        let sink = log.clone();
        let mut launch = self.0.clone();
        launch.stderr = Arc::new(move |line| sink.add(line));
        match launch.start().await {
            Ok(running) => Ok((running, log)),
            Err(error) => Err(anyhow::Error::new(error)
                .context(format!("the vendor did not start; its log ends with:\n{}", log.end()))),
        }
    }
}

/// The program by an absolute path, as a shell would find it.
fn found(program: &OsStr) -> Result<PathBuf> {
    let path = Path::new(program);
    if path.components().count() > 1 {
        return std::path::absolute(path).with_context(|| path.display().to_string());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&folders).map(|folder| folder.join(path));
    let found = candidates.into_iter().find(|candidate| candidate.is_file());
    std::path::absolute(found.with_context(|| format!("there is no {} on PATH", path.display()))?)
        .with_context(|| path.display().to_string())
}
