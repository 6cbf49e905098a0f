//! When a provider process ends, and what it must not end for.

use std::io;
#[cfg(unix)]
use std::time::Duration;

/// How often to look whether the CLI is still there.
#[cfg(unix)]
const PARENT_INTERVAL: Duration = Duration::from_secs(1);

/// The process that started us, as long as it lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    /// The process that started this one.
    pub(crate) fn of_process() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// Returns when the parent is dead: a CLI that is killed cannot end its providers. Polled, since the kernel's own
    /// signal for it fires when the *thread* that started us ends, which may be in the middle of an apply.
    pub(crate) async fn gone(self) {
        #[cfg(unix)]
        {
            let mut interval = tokio::time::interval(PARENT_INTERVAL);
            while std::os::unix::process::parent_id() == self.id {
                interval.tick().await;
            }
        }
        // The standard library cannot ask for a parent elsewhere: there a provider outlives a CLI that is killed.
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }
}

/// Takes SIGINT and SIGTERM away from their default, which would end the process. Both reach the whole process group,
/// from Ctrl-C or from a pipeline that is cancelled; the CLI then tells its providers to stop and waits for what they
/// do, to save it. Must be called in the async runtime.
pub(crate) fn ignore_interrupts() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        // A handler, once installed, replaces the default for the life of the process. An ignored signal would be
        // inherited by what a provider starts (a credential process, say); a handler is not.
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            drop(signal(kind)?);
        }
        Ok(())
    }
    #[cfg(not(unix))]
    {
        let mut interrupts = tokio::signal::windows::ctrl_c()?;
        tokio::spawn(async move { while interrupts.recv().await.is_some() {} });
        Ok(())
    }
}

/// Returns when a person ends the process: Ctrl-C, or SIGTERM where there are signals.
pub(crate) async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
