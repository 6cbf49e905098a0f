//! Trying again, by the class of the error. The SDK's own retries are off, so that there is one
//! rule: it cannot tell Organizations' TooManyRequests (HTTP 400) from bad input, and would send a
//! CreateAccount twice.

use std::error::Error as StdError;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::fault::{self, Signer};
use super::outage::Outages;
use super::pace::Pace;
use super::transport;
use crate::aws::api::{Clock, SystemClock};
use crate::config::Config;
use crate::error::{Error, Kind, RetryClass, Tries};
use crate::trying;

/// Sends requests: each at its turn, and again where that may help.
#[derive(Clone)]
pub(crate) struct Sender {
    signer: Signer,
    pace: Arc<Pace>,
    outages: Arc<Outages>,
    max_retries: Option<u32>,
}

impl Sender {
    /// One that signs as the caller.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            signer: Signer::Caller,
            pace: Arc::new(Pace::new(config.retry_mode)),
            outages: Arc::default(),
            max_retries: config.max_retries,
        }
    }

    /// The same to get into member accounts.
    pub(crate) fn entry(&self) -> Self {
        Self { signer: Signer::Entry, ..self.clone() }
    }

    /// The same for a session in a member account. It has rates of its own there.
    pub(crate) fn member(&self) -> Self {
        Self { signer: Signer::Member, ..self.clone() }
    }

    /// Sends a request that may be sent again, until it is answered or its error's class says no. Who
    /// waits for it puts a deadline around it.
    pub(crate) async fn send<T, E, F, Fut>(
        &self,
        call: &'static str,
        mut request: F,
    ) -> Result<T, Error>
    where
        T: RequestId,
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.send_read(call, || {
            let answer = request();
            async move {
                let answer =
                    answer.await.map_err(|error| fault::read(self.signer, call, &error))?;
                trying::answered(call, answer.request_id());
                Ok(answer)
            }
        })
        .await
    }

    /// Like [`Self::send`], for a request that reads its errors itself.
    pub(crate) async fn send_read<T, F, Fut>(
        &self,
        call: &'static str,
        mut request: F,
    ) -> Result<T, Error>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, Error>>,
    {
        let looks = trying::looks();
        if looks && let Some(known) = self.outages.known(call, SystemClock.now()) {
            trying::given_up(&known);
            return Err(known);
        }
        let outages = looks.then_some(&*self.outages);
        again(&SystemClock, random, self.max_retries, outages, || {
            // The SDK's futures hold kilobytes: not in each of the futures around them.
            let answer = Box::pin(request());
            self.once(call, answer)
        })
        .await
    }

    /// Makes one request at its turn, and never again.
    pub(crate) async fn once<T>(
        &self,
        call: &'static str,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if self.signer == Signer::Member {
            return placed(request).await;
        }
        let turn = self.pace.turn(call, SystemClock.now());
        if !turn.is_zero() {
            SystemClock.sleep(turn).await;
        }
        let answer = placed(request).await;
        match &answer {
            Err(error) if error.kind == Kind::Throttled => {
                self.pace.throttled(call, SystemClock.now());
            }
            _ => self.pace.answered(call, SystemClock.now()),
        }
        answer
    }
}

/// A request whose failure says where it was sent to.
async fn placed<T>(request: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let (answer, place) = transport::noting(request).await;
    answer.map_err(|error| Error { place: place.map(Box::new).or(error.place), ..error })
}

/// Repeats `attempt` as its errors' classes say, with full jitter: each pause is drawn evenly from
/// zero to `base * 2^n`, at most `cap`; and, where `max_retries` says so, no more often. `draw` gives 64
/// random bits. What only looks has `outages`, and does not wait for longer than these say.
pub(super) async fn again<T, F, Fut>(
    clock: &dyn Clock,
    draw: impl Fn() -> u64,
    max_retries: Option<u32>,
    outages: Option<&Outages>,
    mut attempt: F,
) -> Result<T, Error>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, Error>>,
{
    let mut failures = 0_u32;
    let mut held_up: Option<String> = None;
    loop {
        let error = match attempt().await {
            Ok(answer) => {
                trying::over();
                if let (Some(outages), Some(call)) = (outages, held_up.as_deref()) {
                    outages.over(call);
                }
                return Ok(answer);
            }
            Err(error) => error,
        };
        failures += 1;
        if let Some(outages) = outages {
            if let Some(tries) = outages.held_up(&error, clock.now()) {
                let error = Error { tried: Some(Box::new(tries)), ..error };
                trying::given_up(&error);
                return Err(error);
            }
            held_up = Some(error.call.clone());
        }
        let too_often = |attempts: u32| failures >= max_retries.map_or(attempts, |most| most + 1);
        let give_up = |error: Error| {
            if let Some(outages) = outages {
                outages.given_up(&error, clock.now());
            }
            let tries = Tries { times: failures, last: error.clone() };
            let error = Error { tried: (failures > 1).then(|| Box::new(tries)), ..error };
            trying::given_up(&error);
            Err(error)
        };
        let (base, cap) = match error.retry_class() {
            RetryClass::Never => return give_up(error),
            RetryClass::FewTimes { attempts, .. } if too_often(attempts) => return give_up(error),
            RetryClass::UntilDeadline { .. } if too_often(u32::MAX) => return give_up(error),
            RetryClass::FewTimes { base, cap, .. } | RetryClass::UntilDeadline { base, cap } => {
                (base, cap)
            }
        };
        trying::failed(&error, failures);
        tracing::debug!(call = error.call, code = error.code, failures, "trying again");
        clock.sleep(pause(base, cap, failures - 1, draw())).await;
    }
}

fn pause(base: Duration, cap: Duration, doublings: u32, random: u64) -> Duration {
    let ceiling = base.saturating_mul(1_u32 << doublings.min(16)).min(cap);
    let ceiling = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % ceiling.saturating_add(1))
}

/// 64 random bits from the standard library's own seed: enough to keep callers apart in time.
fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future::BoxFuture;
    use jiff::Timestamp;

    use super::*;
    #[derive(Default)]
    struct Recorder(Mutex<Vec<Duration>>);

    impl Clock for Recorder {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            self.0.lock().unwrap().push(duration);
            Box::pin(async {})
        }
    }

    /// Fails `failures` times with `kind`, then answers; gives the number of calls.
    async fn calls(kind: Kind, failures: u32) -> (bool, u32, Vec<Duration>) {
        calls_at_most(None, kind, failures).await
    }

    async fn calls_at_most(
        max_retries: Option<u32>,
        kind: Kind,
        failures: u32,
    ) -> (bool, u32, Vec<Duration>) {
        let clock = Recorder::default();
        let made = Mutex::new(0);
        let answer = again(
            &clock,
            || u64::MAX,
            max_retries,
            None,
            || {
                let n = {
                    let mut made = made.lock().unwrap();
                    *made += 1;
                    *made
                };
                async move {
                    if n > failures { Ok(()) } else { Err(Error::new("s:Op", kind, "Code", "")) }
                }
            },
        )
        .await;
        (answer.is_ok(), made.into_inner().unwrap(), clock.0.into_inner().unwrap())
    }

    #[tokio::test]
    async fn throttles_and_busy_are_outlasted() {
        for kind in [Kind::Throttled, Kind::Busy] {
            let (ok, made, pauses) = calls(kind, 40).await;
            assert!(ok && made == 41 && pauses.len() == 40, "{kind:?}");
        }
    }

    #[tokio::test]
    async fn the_unanswered_are_tried_a_few_times() {
        assert!(matches!(calls(Kind::Unanswered, 4).await, (true, 5, _)));
        assert!(matches!(calls(Kind::Unanswered, 9).await, (false, 5, _)));
    }

    #[tokio::test]
    async fn a_limit_holds_for_both() {
        for kind in [Kind::Throttled, Kind::Busy, Kind::Unanswered] {
            assert!(matches!(calls_at_most(Some(2), kind, 2).await, (true, 3, _)), "{kind:?}");
            assert!(matches!(calls_at_most(Some(2), kind, 9).await, (false, 3, _)), "{kind:?}");
            assert!(matches!(calls_at_most(Some(0), kind, 9).await, (false, 1, _)), "{kind:?}");
        }
        assert!(matches!(calls_at_most(Some(9), Kind::Unanswered, 9).await, (true, 10, _)));
    }

    #[tokio::test]
    async fn everything_else_is_final() {
        for kind in [
            Kind::InFlightLimit,
            Kind::NotYet,
            Kind::Denied,
            Kind::NotFound,
            Kind::AlreadyExists,
            Kind::Invalid,
            Kind::Quota,
            Kind::Unsupported,
            Kind::Credentials,
            Kind::Cancelled,
            Kind::DeadlineExceeded,
            Kind::Unexpected,
        ] {
            assert!(matches!(calls(kind, 1).await, (false, 1, _)), "{kind:?}");
        }
    }

    #[test]
    fn pauses_grow_to_the_cap_and_are_drawn_from_zero() {
        let (base, cap) = (Duration::from_millis(500), Duration::from_secs(15));
        assert_eq!(pause(base, cap, 0, 500), Duration::from_millis(500));
        assert_eq!(pause(base, cap, 0, 501), Duration::ZERO);
        assert_eq!(pause(base, cap, 3, 4_000), Duration::from_secs(4));
        assert_eq!(pause(base, cap, 60, 15_000), Duration::from_secs(15));
    }
}
