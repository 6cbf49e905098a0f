//! A plugin that has started.

use std::fmt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tonic::Request;
use tonic::transport::Channel;

use super::clock::Clock;
use super::output::Output;
use super::process::Process;
use crate::directory::PrivateDirectory;
use crate::generated::plugin::Empty;
use crate::generated::plugin::grpc_controller_client::GrpcControllerClient;

/// How long a plugin may take to end after SIGTERM.
const TERMINATION: Duration = Duration::from_secs(2);

/// How long to wait for the rest of what a plugin wrote that has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A plugin that can be called. When this is dropped, the plugin is killed, with all that it has started in its process group;
/// [`Running::stop`] asks first.
pub struct Running {
    channel: Channel,
    /// Dropped in this order: the process, and then what it uses.
    process: Process,
    output: Output,
    _directory: PrivateDirectory,
    threads: Handle,
    clock: Arc<dyn Clock>,
}

impl Running {
    pub(super) fn new(
        channel: Channel,
        process: Process,
        output: Output,
        directory: PrivateDirectory,
        threads: Handle,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { channel, process, output, _directory: directory, threads, clock }
    }

    /// The connection, for the clients that tonic generates of services. It is one connection, however often it is cloned; its
    /// tasks run on a thread that serves all plugins and nothing else. Once the plugin has ended, calls fail.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Whether the process is still there.
    #[must_use]
    pub fn alive(&self) -> bool {
        self.process.status().is_none()
    }

    /// The number of the process, which is that of its group too.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The last lines of its stderr so far, at most 20, each cut at 512 bytes. As the plugin wrote them: who shows them takes out
    /// secrets and control characters.
    #[must_use]
    pub fn last_lines(&self) -> Vec<String> {
        self.output.last_lines()
    }

    /// Ends its stdin and does nothing else: what a plugin sees of a host that has died.
    pub fn end_stdin(&self) {
        self.process.end_stdin();
    }

    /// Waits until the process has ended, by itself or by [`Running::stop`]; says how.
    pub async fn ended(&self) -> ExitStatus {
        self.process.ended().await
    }

    /// Waits until the process has ended and what it wrote has been read; says how, and what it wrote last.
    pub(super) async fn last_words(&self) -> (ExitStatus, Vec<String>) {
        let status = self.process.ended().await;
        let rest = self.clock.sleep(LAST_WORDS);
        tokio::select! {
            biased;
            () = self.output.all_of_stderr() => {}
            // Somebody who has left the plugin's group holds it open.
            () = rest => {}
        }
        (status, self.output.last_lines())
    }

    /// Ends the plugin: it is asked by go-plugin's controller, after `grace` by the end of its stdin and SIGTERM, and two
    /// seconds later it is killed, each with its whole process group. Says how it ended. May be called again, and more than once
    /// at a time.
    pub async fn stop(&self, grace: Duration) -> ExitStatus {
        if let Some(status) = self.process.status() {
            return status;
        }
        let mut controller = GrpcControllerClient::new(self.channel());
        // Not waited for: a plugin may end without an answer, and one that hangs has none.
        self.threads.spawn(async move {
            let answer = controller.shutdown(Request::new(Empty {})).await;
            if let Err(status) = answer {
                tracing::debug!(%status, "the plugin gave no answer to Shutdown");
            }
        });
        for (wait, then) in [
            (grace, Process::terminate as fn(&Process)),
            (TERMINATION, Process::kill as fn(&Process)),
        ] {
            let waited = self.clock.sleep(wait);
            tokio::select! {
                biased;
                status = self.process.ended() => return status,
                () = waited => then(&self.process),
            }
        }
        self.process.ended().await
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("process_id", &self.process_id()).finish_non_exhaustive()
    }
}
