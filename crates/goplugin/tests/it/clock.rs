//! Time that passes when a test says so.

use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use goplugin::host::Clock;

/// Shorter waits than this are for what happens at once on an idle machine, and are real; longer ones are limits, and end only
/// where a test says so.
const LIMIT: Duration = Duration::from_secs(5);

/// A clock that stands still but for the limits that pass.
#[derive(Default)]
pub(crate) struct TestClock {
    now: Mutex<Duration>,
    /// Limits that pass at once.
    passing: Vec<Duration>,
    /// What has passed.
    passed: Mutex<Vec<Duration>>,
}

impl TestClock {
    /// One on which limits of these lengths pass at once.
    pub(crate) fn passing(passing: &[Duration]) -> Arc<Self> {
        Arc::new(Self { passing: passing.to_vec(), ..Self::default() })
    }

    /// The limits that have passed.
    pub(crate) fn passed(&self) -> Vec<Duration> {
        self.passed.lock().unwrap().clone()
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, duration: Duration) {
        *self.now.lock().unwrap() += duration;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if self.passing.contains(&duration) {
            self.passed.lock().unwrap().push(duration);
            self.advance(duration);
            Box::pin(ready(()))
        } else if duration < LIMIT {
            Box::pin(tokio::time::sleep(duration))
        } else {
            Box::pin(pending())
        }
    }
}
