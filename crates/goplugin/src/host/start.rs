//! From a launch to a plugin that can be called.

use std::ffi::OsString;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use super::channel;
use super::error::StartError;
use super::handshake::{self, Handshake};
use super::identity::Identity;
use super::launch::Launch;
use super::output::{Line, Output};
use super::prepare::{OPEN_FILES, Prepared};
use super::process::Process;
use super::running::Running;
use super::threads;

/// How long to wait for the rest of what a plugin wrote that has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The ports that a plugin may choose from where it listens on one, as go-plugin's hosts have them.
const PORTS: (u16, u16) = (10_000, 25_000);

/// What no program on Windows can do without.
const ALWAYS_INHERITED: &[&str] = if cfg!(windows) { &["SystemRoot", "TEMP"] } else { &[] };

impl Launch {
    /// Starts it. When this is dropped before it is done, the plugin is killed.
    ///
    /// # Errors
    ///
    /// One for each way in which a program fails to become a plugin; nothing of it is left running.
    pub async fn start(&self) -> Result<Running, StartError> {
        let late = self.clock.sleep(self.start_timeout);
        let mut starting = self.spawn().await?;
        let started = tokio::select! {
            biased;
            started = starting.handshake(self) => started,
            () = late => Err(Failure::Late),
        };
        match started {
            Ok(channel) => Ok(Running::new(
                channel,
                starting.process,
                starting.output,
                starting.prepared.directory,
                starting.threads,
                Arc::clone(&self.clock),
            )),
            Err(failure) => Err(starting.failed(self, failure).await),
        }
    }

    /// Checks and starts the program.
    async fn spawn(&self) -> Result<Starting, StartError> {
        let threads = threads::handle().map_err(StartError::Threads)?;
        let launch = self.clone();
        let prepared = threads
            .spawn_blocking(move || Prepared::of(&launch))
            .await
            .map_err(|error| StartError::Threads(error.into()))??;
        let identity = Identity::new().map_err(StartError::Certificate)?;
        let command = self.command(&prepared, &identity);
        let (process, stdout, stderr) = Process::spawn(command)
            .map_err(|source| StartError::Spawn { command: self.command.clone(), source })?;
        prepared.is_unchanged()?;
        let entered = threads.enter();
        let output = Output::read(stdout, stderr, Arc::clone(&self.stderr));
        drop(entered);
        let output = output.map_err(StartError::Threads)?;
        Ok(Starting { process, output, prepared, identity, threads })
    }

    /// The command with its environment.
    fn command(&self, prepared: &Prepared, identity: &Identity) -> Command {
        let mut command = Command::new(&prepared.program);
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            // What is executed may be a file without a name.
            if prepared.program.starts_with(OPEN_FILES) {
                command.arg0(&self.command);
            }
        }
        command.args(&prepared.args).env_clear();
        if let Some(directory) = &self.working_directory {
            command.current_dir(directory);
        }
        let always = ALWAYS_INHERITED.iter().map(OsString::from);
        for name in always.chain(self.inherit_env.iter().cloned()) {
            if let Some(value) = std::env::var_os(&name) {
                command.env(name, value);
            }
        }
        // Ours are the last word.
        command
            .envs(&self.env)
            .env(self.protocol.cookie_key, self.protocol.cookie_value)
            .env("PLUGIN_CLIENT_CERT", identity.pem())
            .env("PLUGIN_PROTOCOL_VERSIONS", self.protocol.version.to_string())
            .env("PLUGIN_UNIX_SOCKET_DIR", prepared.directory.path())
            .env("PLUGIN_MIN_PORT", PORTS.0.to_string())
            .env("PLUGIN_MAX_PORT", PORTS.1.to_string());
        command
    }
}

/// A plugin between its start and its handshake. Dropped in this order: the process, and then what it uses.
struct Starting {
    process: Process,
    output: Output,
    prepared: Prepared,
    identity: Identity,
    threads: Handle,
}

/// Why there is no handshake.
enum Failure {
    Late,
    Ended,
    Handshake(handshake::HandshakeError),
    Tls(rustls::Error),
    Connect(tonic::transport::Error),
    Threads(tokio::task::JoinError),
}

impl Starting {
    /// Waits for the handshake line, and connects.
    async fn handshake(&mut self, launch: &Launch) -> Result<tonic::transport::Channel, Failure> {
        let line = tokio::select! {
            biased;
            line = self.output.first_line() => line,
            _ = self.process.ended() => {
                // What it said before counts: it may say why.
                let rest = launch.clock.sleep(LAST_WORDS);
                tokio::select! {
                    biased;
                    line = self.output.first_line() => line,
                    () = rest => None,
                }
            }
        };
        let Some(Line { text, whole }) = line else {
            // It has closed stdout, and will never say more: it is about to end, or late.
            self.process.ended().await;
            return Err(Failure::Ended);
        };
        let Handshake { address, certificate } =
            handshake::parse(&text, whole, &launch.protocol).map_err(Failure::Handshake)?;
        let config = self.identity.config(certificate).map_err(Failure::Tls)?;
        // On the thread where the tasks of the channel stay.
        let connecting = self.threads.spawn(channel::connect(address, config));
        tokio::select! {
            biased;
            connected = connecting => {
                connected.map_err(Failure::Threads)?.map_err(Failure::Connect)
            }
            _ = self.process.ended() => Err(Failure::Ended),
        }
    }

    /// Ends the process, and tells what it was.
    async fn failed(self, launch: &Launch, failure: Failure) -> StartError {
        // A connection fails as well where the process has just ended, which tells more.
        let is_ended = match failure {
            Failure::Connect(_) => self.ends_now(launch).await,
            _ => self.process.status().is_some(),
        };
        self.process.kill();
        let status = self.process.ended().await;
        let rest = launch.clock.sleep(LAST_WORDS);
        tokio::select! {
            biased;
            () = self.output.all_of_stderr() => {}
            () = rest => {}
        }
        let stderr = self.output.last_lines();
        match failure {
            Failure::Handshake(problem) => StartError::Handshake { problem, stderr },
            Failure::Late => StartError::TimedOut { after: launch.start_timeout, stderr },
            Failure::Ended => StartError::Exited { status, stderr },
            Failure::Connect(_) if is_ended => StartError::Exited { status, stderr },
            Failure::Connect(source) => StartError::Connect { source, stderr },
            Failure::Tls(error) => StartError::Tls(error),
            Failure::Threads(error) => StartError::Threads(error.into()),
        }
    }

    /// Whether the process has ended, or is about to.
    async fn ends_now(&self, launch: &Launch) -> bool {
        let pause = launch.clock.sleep(Duration::from_millis(100));
        tokio::select! {
            biased;
            _ = self.process.ended() => true,
            () = pause => false,
        }
    }
}
