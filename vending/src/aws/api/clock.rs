//! Time, as a port: tests run hours in milliseconds.

use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

/// Time as the engine sees it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Comes back after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
    /// Comes back when `now` is `at`: a deadline, beside which other things go on. (A simulated
    /// clock runs on when it is slept on, and not because somebody has a deadline.)
    fn reaches(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let left = at.duration_since(self.now());
        self.sleep(Duration::try_from(left).unwrap_or(Duration::ZERO))
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "here is where time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
