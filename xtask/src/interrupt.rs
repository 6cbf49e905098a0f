//! Ctrl-C: the CLI is told once and may end in order; then everything we started ends.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process_group};

/// How long a CLI may take to stop in order: it waits for the applies that are under way.
const PATIENCE: Duration = Duration::from_secs(60);

static WATCHED: OnceLock<()> = OnceLock::new();
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Takes over Ctrl-C, SIGTERM and SIGHUP: from now on they only set a flag.
pub(crate) fn watch() -> Result<()> {
    if WATCHED.set(()).is_ok() {
        ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst))
            .context("Ctrl-C cannot be watched")?;
    }
    Ok(())
}

/// Whether somebody asked to stop.
pub(crate) fn asked() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// A child in a process group of its own, so that only we decide who hears of a Ctrl-C.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    command.process_group(0).spawn().with_context(|| format!("{command:?} cannot be started"))
}

/// Waits for a child of [`spawn`], calling `tick` now and then. On an interrupt the child's group gets
/// SIGINT, and SIGKILL when its patience is over.
pub(crate) fn wait(child: &mut Child, mut tick: impl FnMut()) -> Result<ExitStatus> {
    let mut told: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let late = told.is_some_and(|when| when.elapsed() > PATIENCE);
        if asked() && (told.is_none() || late) {
            let signal = if late { Signal::KILL } else { Signal::INT };
            told = Some(Instant::now());
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                // It may have ended just now.
                let _told = kill_process_group(group, signal);
            }
        }
        tick();
        thread::sleep(Duration::from_millis(50));
    }
}
