//! The thread that serves the connections to all plugins, whatever the host's own threads do.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

/// One for the life of the process: a channel that outlives its plugin has a runtime in which to find that out. Where the runtime
/// ended first, a call could wait for ever.
static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

/// By which tasks are spawned on it. The thread is started by the first plugin.
pub(super) fn handle() -> io::Result<Handle> {
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = runtime.as_ref() {
        return Ok(runtime.handle().clone());
    }
    let started = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("plugins")
        .enable_all()
        .build()?;
    Ok(runtime.insert(started).handle().clone())
}
