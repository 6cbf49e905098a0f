//! When a plugin process ends, and what it must not end for.

use std::io;
use std::time::Duration;

use tokio::sync::oneshot;

/// How long a process may go on whose stdin has ended.
const BLOCKED: Duration = Duration::from_secs(2);

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

/// The end of stdin: the host holds its other end, and holds it until it ends itself.
pub(super) struct Stdin(Option<oneshot::Receiver<()>>);

impl Stdin {
    /// Reads stdin from now on, and throws away what comes in. A thread, since nothing can wait for a pipe on every system.
    ///
    /// It has the last word, too: a service that blocks the thread it runs on would keep the process from ever noticing that
    /// its host is dead. So the process ends [`BLOCKED`] after stdin, whatever it does.
    pub(super) fn watch() -> Self {
        let (ended, end) = oneshot::channel();
        let thread = std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = ended.send(());
            std::thread::sleep(BLOCKED);
            std::process::exit(1);
        });
        // Without a thread the death of the parent is still seen.
        Self(thread.is_ok().then_some(end))
    }

    /// Returns when stdin has ended.
    pub(super) async fn end(self) {
        match self.0 {
            Some(end) => drop(end.await),
            None => std::future::pending().await,
        }
    }
}
