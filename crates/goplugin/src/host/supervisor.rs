//! One plugin after the other: started by the first call that needs it, and again, within limits, where it has died.

use std::collections::VecDeque;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use super::error::StartError;
use super::launch::Launch;
use super::running::Running;

/// How long the end of a process may be seen after a call to it has failed.
const END_PATIENCE: Duration = Duration::from_secs(1);

/// How often a plugin is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restarts {
    /// How many starts there may be,
    pub starts: usize,
    /// in any time as long as this.
    pub within: Duration,
    /// How long after the end of one the next may start. Twice as long for each one more within that time.
    pub backoff: Duration,
}

impl Default for Restarts {
    /// Three in five minutes, the second after one second.
    fn default() -> Self {
        Self { starts: 3, within: Duration::from_secs(300), backoff: Duration::from_secs(1) }
    }
}

/// A plugin as one call finds it.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The connection to it.
    pub channel: Channel,
    /// Which one it is: 1 is the first. Whoever finds another generation than before knows that the plugin remembers nothing of
    /// what it was told, and that a call which has failed may have been carried out all the same: look before it is repeated.
    pub generation: u64,
}

/// How an instance has ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How its process ended.
    pub status: ExitStatus,
    /// The last lines of its stderr, at most 20, each cut at 512 bytes. As it wrote them: who shows them takes out secrets and
    /// control characters.
    pub stderr: Vec<String>,
}

/// Why there is no plugin to call.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// It does not start.
    #[error("the plugin did not start")]
    Start(#[source] Arc<StartError>),
    /// It has been started as often as it may be, and has ended each time.
    #[error("the plugin was started {starts} times within {} s and ended each time", within.as_secs())]
    TooManyStarts {
        /// [`Restarts::starts`].
        starts: usize,
        /// [`Restarts::within`].
        within: Duration,
        /// Why the last start failed, if it did.
        #[source]
        last: Option<Arc<StartError>>,
    },
    /// It has been stopped for good.
    #[error("the plugin has been stopped")]
    Stopped,
}

/// Starts a plugin when it is needed.
pub struct Supervisor {
    launch: Launch,
    restarts: Restarts,
    state: Mutex<State>,
    /// How many there have been.
    generation: AtomicU64,
    stopped: CancellationToken,
}

#[derive(Default)]
struct State {
    running: Option<Running>,
    /// Which one ended last by itself, and how.
    ended: Option<(u64, Ended)>,
    /// When the last ones were started, oldest first.
    starts: VecDeque<Duration>,
    /// Why the last start failed, if it did.
    last: Option<Arc<StartError>>,
}

impl Supervisor {
    /// Starts nothing yet.
    #[must_use]
    pub fn new(launch: Launch, restarts: Restarts) -> Self {
        Self {
            launch,
            restarts,
            state: Mutex::default(),
            generation: AtomicU64::new(0),
            stopped: CancellationToken::new(),
        }
    }

    /// How many instances there have been so far: 0 before the first start. One that did not become a plugin counts for none.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The plugin: the one that runs, or a new one where there is none. Calls at the same time share one start. When the future
    /// that starts it is dropped, so is the start, and the next call starts anew.
    ///
    /// # Errors
    ///
    /// It does not start, has ended too often, or has been stopped. What will not change by itself
    /// ([`StartError::is_lasting`]) is not tried again.
    pub async fn instance(&self) -> Result<Instance, Unavailable> {
        tokio::select! {
            biased;
            () = self.stopped.cancelled() => Err(Unavailable::Stopped),
            instance = async {
                let mut state = self.state.lock().await;
                self.running_or_started(&mut state).await
            } => instance,
        }
    }

    async fn running_or_started(
        &self,
        state: &mut MutexGuard<'_, State>,
    ) -> Result<Instance, Unavailable> {
        if let Some(running) = &state.running {
            if running.alive() {
                return Ok(self.instance_of(running));
            }
            let (status, stderr) = running.last_words().await;
            state.ended = Some((self.generation(), Ended { status, stderr }));
            state.running = None;
        }
        if let Some(error) = state.last.as_ref().filter(|error| error.is_lasting()) {
            return Err(Unavailable::Start(Arc::clone(error)));
        }
        let clock = &self.launch.clock;
        let now = clock.now();
        let Restarts { starts, within, backoff } = self.restarts;
        while state.starts.front().is_some_and(|start| now.saturating_sub(*start) >= within) {
            state.starts.pop_front();
        }
        if state.starts.len() >= starts {
            let last = state.last.clone();
            return Err(Unavailable::TooManyStarts { starts, within, last });
        }
        if let Some(doublings) = state.starts.len().checked_sub(1) {
            let doublings = u32::try_from(doublings).unwrap_or(u32::MAX);
            clock.sleep(backoff.saturating_mul(2_u32.saturating_pow(doublings))).await;
        }
        state.starts.push_back(clock.now());
        match self.launch.start().await {
            Ok(running) => {
                self.generation.fetch_add(1, Ordering::AcqRel);
                let instance = self.instance_of(&running);
                state.running = Some(running);
                state.last = None;
                Ok(instance)
            }
            Err(error) => {
                let error = Arc::new(error);
                state.last = Some(Arc::clone(&error));
                Err(Unavailable::Start(error))
            }
        }
    }

    fn instance_of(&self, running: &Running) -> Instance {
        Instance { channel: running.channel(), generation: self.generation() }
    }

    /// How the instance of this generation has ended, for whoever's call to it has failed: waits for a second at most, since a
    /// call fails a moment before the end of the process is seen. None: it lives, or was given up or stopped.
    pub async fn end_of(&self, generation: u64) -> Option<Ended> {
        let mut guard = self.state.lock().await;
        let state = &mut *guard;
        if let Some(running) = state.running.as_ref().filter(|_| self.generation() == generation) {
            let late = self.launch.clock.sleep(END_PATIENCE);
            let (status, stderr) = tokio::select! {
                biased;
                words = running.last_words() => words,
                () = late => return None,
            };
            state.ended = Some((generation, Ended { status, stderr }));
            state.running = None;
        }
        let ended = state.ended.as_ref().filter(|(ended, _)| *ended == generation);
        ended.map(|(_, ended)| ended.clone())
    }

    /// Kills the instance of this generation, if it is still the one that runs: it hangs, say. The next call starts another one.
    pub async fn give_up(&self, generation: u64) {
        let mut state = self.state.lock().await;
        if self.generation() == generation {
            state.running = None;
        }
    }

    /// Stops the plugin, as [`Running::stop`] does, for good: a start that is under way ends, and no other one follows.
    pub async fn stop(&self, grace: Duration) {
        self.stopped.cancel();
        let running = self.state.lock().await.running.take();
        if let Some(running) = running {
            running.stop(grace).await;
        }
    }
}
