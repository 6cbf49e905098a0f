//! An AWS of ours in a process of its own, ended when it is dropped.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context as _, Result};
use serde_json::Value;
use tempfile::TempDir;

/// A running server. It ends with this value, and with this process, however that ends.
#[derive(Debug)]
pub(crate) struct Server {
    endpoint: String,
    process: Child,
    // The server ends when this closes.
    _stdin: Option<ChildStdin>,
    log: TempDir,
}

impl Server {
    /// Starts a command whose first line on stdout is JSON with its `endpoint`. It outlives this process if
    /// `ends_with_parent` is false.
    pub(crate) fn start(mut command: Command, ends_with_parent: bool) -> Result<Self> {
        let log = tempfile::tempdir()?;
        if ends_with_parent {
            command.arg("--end-with-parent").stdin(Stdio::piped());
        } else {
            command.stdin(Stdio::null());
        }
        // A group of its own: Ctrl-C in a terminal is for the CLI, which still needs AWS to stop in order.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(File::create(log.path().join("stderr"))?)
            .spawn()
            .context("the emulated AWS cannot be started")?;
        let stdin = process.stdin.take();
        let stdout = process.stdout.take().context("the emulated AWS has no stdout")?;
        let mut server = Self { endpoint: String::new(), process, _stdin: stdin, log };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line)
            .map_err(|_| anyhow::anyhow!("the emulated AWS did not start:\n{}", server.log()))?;
        server.endpoint =
            answer["endpoint"].as_str().context("the emulated AWS names no endpoint")?.to_owned();
        Ok(server)
    }

    /// Its URL.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// What it wrote on stderr.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log.path().join("stderr")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}
