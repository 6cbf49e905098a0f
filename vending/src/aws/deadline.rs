//! The deadline and the cancellation around everything that a run waits for.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::aws::api::Clock;
use crate::aws::pause::Pause;
use crate::error::{Error, Kind, Tries};
use crate::trying::{self, Answered, Watch};

/// How long a run may still go on.
pub(crate) struct Patience {
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
    limit: Duration,
    since: Timestamp,
    looks: bool,
    answered: Mutex<Option<Answered>>,
    /// The calls that were given up, and for which nothing else has answered.
    given_up: Mutex<Vec<Error>>,
}

/// A little more time for what must be written when the time is over.
const GRACE: Duration = Duration::from_secs(30);

impl Patience {
    /// `limit` from now on.
    pub(crate) fn new(clock: Arc<dyn Clock>, cancel: CancellationToken, limit: Duration) -> Self {
        let since = clock.now();
        let (answered, given_up) = (Mutex::default(), Mutex::default());
        Self { clock, cancel, limit, since, looks: false, answered, given_up }
    }

    /// The same for a plan or a refresh, which changes nothing: it does not wait out whatever AWS throttles.
    pub(crate) fn looking(self) -> Self {
        Self { looks: true, ..self }
    }

    /// The whole limit from now on: its turn has come, or others made way.
    pub(crate) fn restart(&mut self) {
        self.since = self.clock.now();
    }

    /// The time since `begin` does not count.
    pub(crate) fn forgive(&mut self, begin: Timestamp) {
        let gone = self.clock.now().duration_since(begin);
        self.since = self.since.saturating_add(gone).unwrap_or(Timestamp::MAX);
    }

    /// At least a little time from now on.
    pub(crate) fn grant_grace(&mut self) {
        if self.left() < GRACE {
            self.limit = GRACE;
            self.restart();
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn left(&self) -> Duration {
        let gone = self.clock.now().duration_since(self.since);
        self.limit.saturating_sub(Duration::try_from(gone).unwrap_or(Duration::ZERO))
    }

    /// Waits for `work`, unless the run is cancelled or out of time first.
    pub(crate) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let end = self.clock.now().saturating_add(self.left()).unwrap_or(Timestamp::MAX);
        let watch = Watch::new(self.looks);
        let timed = async {
            match select(Box::pin(watch.over(work)), self.clock.reaches(end)).await {
                Either::Left((done, _)) => done,
                Either::Right(_) => Err(out_of_time(watch.tries())),
            }
        };
        let done = self.unless_cancelled(timed).await.flatten();
        self.keep(&watch);
        if let Err(error) = &done {
            self.given_up_by(error.clone());
        }
        done
    }

    /// Waits for `work`, whatever the time and the CLI say.
    pub(crate) async fn to_the_end<T>(&self, work: impl Future<Output = T>) -> T {
        let watch = Watch::default();
        let done = watch.over(work).await;
        self.keep(&watch);
        done
    }

    /// The last call that AWS answered in this run.
    pub(crate) fn answered(&self) -> Option<Answered> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The calls that were given up in this run, each once, and for which nothing else has answered.
    pub(crate) fn given_up(&self) -> Vec<Error> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the call was to tell is known in another way, or its failure is told by whoever made it.
    pub(crate) fn made_up_for(&self, error: &Error) {
        let mut given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        given_up.retain(|of| !trying::is_same(of, error));
    }

    fn given_up_by(&self, error: Error) {
        let mut given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        if !given_up.iter().any(|of| trying::is_same(of, &error)) {
            given_up.push(error);
        }
    }

    fn keep(&self, watch: &Watch) {
        watch.given_up().into_iter().for_each(|error| self.given_up_by(error));
        if let Some(answered) = watch.answered() {
            *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some(answered);
        }
    }

    /// Waits for `work` however long it takes, unless the run is cancelled first.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let cancelled = Box::pin(self.cancel.cancelled());
        match select(cancelled, Box::pin(work)).await {
            Either::Left(_) => Err(stop(Kind::Cancelled)),
            Either::Right((done, _)) => Ok(done),
        }
    }

    /// Sleeps; a pause that is longer than the time left ends with the deadline.
    pub(crate) async fn pause(&self, pause: &Pause) -> Result<(), Error> {
        if pause.length.is_zero() {
            return if self.cancel.is_cancelled() { Err(stop(Kind::Cancelled)) } else { Ok(()) };
        }
        tracing::debug!(seconds = pause.length.as_secs_f64(), "waiting for {}", pause.waiting_for);
        let left = self.left();
        self.unless_cancelled(self.clock.sleep(pause.length.min(left))).await?;
        if pause.length >= left { Err(stop(Kind::DeadlineExceeded)) } else { Ok(()) }
    }
}

/// Throttling, and whatever else is waited out, surfaces here and nowhere else.
fn out_of_time(tries: Option<Tries>) -> Error {
    let mut error = stop(Kind::DeadlineExceeded);
    if let Some(tries) = tries {
        error.message = format!("{}; {tries}", error.message);
        error.tried = Some(Box::new(tries));
    }
    error
}

fn stop(kind: Kind) -> Error {
    let (code, message) = match kind {
        Kind::Cancelled => ("Cancelled", "the CLI asked to stop"),
        _ => ("DeadlineExceeded", "the time given to the operation is over"),
    };
    Error::new("fleet", kind, code, message)
}
