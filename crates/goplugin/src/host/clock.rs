//! Time, as the host's side asks for it: a test gives another one.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;

/// Where time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Time since some beginning; it never goes back.
    fn now(&self) -> Duration;

    /// Ends when `duration` has passed. Polled in an async runtime of tokio that has timers.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The time of the system.
#[derive(Debug)]
pub struct SystemClock {
    beginning: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { beginning: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.beginning.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
