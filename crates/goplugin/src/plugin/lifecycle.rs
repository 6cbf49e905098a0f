//! When a plugin process ends, and what it must not end for.

use std::io;
#[cfg(unix)]
use std::time::Duration;

/// How often to look whether the host is still there.
#[cfg(unix)]
const PARENT_INTERVAL: Duration = Duration::from_secs(1);

/// The process that started us, as long as it lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Parent {
    #[cfg(unix)]
    id: u32,
}

impl Parent {
    /// The process that started this one.
    pub(super) fn of_process() -> Self {
        Self {
            #[cfg(unix)]
            id: std::os::unix::process::parent_id(),
        }
    }

    /// Returns when the parent is dead: a host that is killed cannot end its plugins. Polled, since the kernel's own
    /// signal for it fires when the *thread* that started us ends, which may be in the middle of a call.
    pub(super) async fn gone(self) {
        #[cfg(unix)]
        {
            let mut interval = tokio::time::interval(PARENT_INTERVAL);
            while std::os::unix::process::parent_id() == self.id {
                interval.tick().await;
            }
        }
        // The standard library cannot ask for a parent elsewhere: there a plugin outlives a host that is
        // killed, unless it is supervised.
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    }
}

/// Takes SIGINT away from its default, which would end the process, and SIGTERM too unless the process is `supervised`.
/// Both reach the whole process group, from Ctrl-C or from a pipeline that is cancelled; the host then tells its plugins to
/// stop and waits for what they do, to save it. Must be called in the async runtime.
pub(super) fn ignore_interrupts(supervised: bool) -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        // A handler, once installed, replaces the default for the life of the process. An ignored signal would be
        // inherited by what a plugin starts (a credential process, say); a handler is not.
        drop(signal(SignalKind::interrupt())?);
        if !supervised {
            drop(signal(SignalKind::terminate())?);
        }
        Ok(())
    }
    #[cfg(not(unix))]
    {
        let _ = supervised;
        let mut interrupts = tokio::signal::windows::ctrl_c()?;
        tokio::spawn(async move { while interrupts.recv().await.is_some() {} });
        Ok(())
    }
}

/// Returns when a person ends the process: Ctrl-C, or SIGTERM where there are signals.
pub(super) async fn interrupted() -> io::Result<()> {
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

/// Returns when the host asks this process alone to end, by SIGTERM; never where there are no signals.
pub(super) async fn terminated() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        signal(SignalKind::terminate())?.recv().await;
        Ok(())
    }
    #[cfg(not(unix))]
    std::future::pending().await
}

/// Returns when stdin ends: the host holds its other end, and holds it until it ends itself. What comes in is thrown away.
pub(super) async fn end_of_stdin() {
    let (ended, end) = tokio::sync::oneshot::channel();
    // A thread, since nothing can wait for a pipe on every system. It ends with the process.
    let thread = std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    });
    match thread {
        Ok(_) => drop(end.await),
        // The death of the parent is still seen.
        Err(_) => std::future::pending().await,
    }
}
