//! When a provider process ends, and what it must not end for.

use std::future::Future;
use std::time::Duration;

/// How often to look whether the CLI is still there.
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

/// Takes Ctrl-C away from its default, which would end the process: it reaches the whole process group, and the CLI
/// needs its providers to finish what they do. Must be called in the async runtime.
pub(crate) fn ignore_interrupts() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        // A handler, once installed, replaces the default for the life of the process. An ignored signal would be
        // inherited by what a provider starts (a credential process, say); a handler is not.
        drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?);
        Ok(())
    }
    #[cfg(not(unix))]
    {
        let mut interrupts = tokio::signal::windows::ctrl_c()?;
        tokio::spawn(async move { while interrupts.recv().await.is_some() {} });
        Ok(())
    }
}

/// Returns when the process is asked to end by SIGTERM, so that its socket is removed.
pub(crate) fn terminated() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    Ok(async move {
        #[cfg(unix)]
        signal.recv().await;
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    })
}
