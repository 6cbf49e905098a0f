//! What a process has learned of calls that nobody takes, so that a plan over many objects ends soon: a plan waits out what
//! AWS throttles for a while in all, not for each object, and does not ask again at once where nobody answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::error::{Error, Kind, Tries};

/// How long a plan waits for a call that AWS throttles, or that somebody else's change holds up, if none of its kind gets
/// through meanwhile.
const BUDGET: Duration = Duration::from_secs(90);
/// How long a plan believes that an endpoint cannot be reached.
const BELIEF: Duration = Duration::from_secs(60);

/// See the module. One per provider configuration.
#[derive(Default)]
pub(super) struct Outages {
    held_up: Mutex<BTreeMap<String, HeldUp>>,
    unreachable: Mutex<BTreeMap<String, (Timestamp, Error)>>,
}

/// A call that has not got through since.
struct HeldUp {
    since: Timestamp,
    times: u32,
}

// === impl Outages ===

impl Outages {
    /// The failure of `call` that another object of this plan has met a moment ago, and that this one need not wait for.
    pub(super) fn known(&self, call: &str, now: Timestamp) -> Option<Error> {
        let unreachable = lock(&self.unreachable);
        let (since, error) = unreachable.get(call)?;
        (now.duration_since(*since).unsigned_abs() < BELIEF).then(|| error.clone())
    }

    /// The call got through, or was refused by whom it was for.
    pub(super) fn over(&self, call: &str) {
        lock(&self.held_up).remove(call);
        lock(&self.unreachable).remove(call);
    }

    /// The call was held up once more. Gives what was tried when that has gone on for too long.
    pub(super) fn held_up(&self, error: &Error, now: Timestamp) -> Option<Tries> {
        if !matches!(error.kind, Kind::Throttled | Kind::Busy) {
            return None;
        }
        let mut held_up = lock(&self.held_up);
        let of = held_up.entry(error.call.clone()).or_insert(HeldUp { since: now, times: 0 });
        of.times += 1;
        let gone = now.duration_since(of.since).unsigned_abs();
        (gone >= BUDGET).then(|| Tries { times: of.times, last: error.clone() })
    }

    /// The call was given up.
    pub(super) fn given_up(&self, error: &Error, now: Timestamp) {
        if error.cause.is_unreachable() {
            lock(&self.unreachable).insert(error.call.clone(), (now, error.clone()));
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cause;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_call_is_waited_out_once_for_all_objects() {
        let outages = Outages::default();
        let slow = Error::new("s:Op", Kind::Throttled, "Throttling", "");
        assert_eq!(outages.held_up(&slow, at(0)), None);
        assert_eq!(outages.held_up(&slow, at(89)), None);
        assert_eq!(outages.held_up(&slow, at(90)).map(|tries| tries.times), Some(3));
        // Who comes later does not begin anew, until one got through.
        assert!(outages.held_up(&slow, at(91)).is_some());
        outages.over("s:Op");
        assert_eq!(outages.held_up(&slow, at(92)), None);
        let other = Error::new("s:Op", Kind::Denied, "AccessDenied", "");
        assert_eq!(outages.held_up(&other, at(900)), None);
    }

    #[test]
    fn who_cannot_be_reached_is_not_asked_again_at_once() {
        let outages = Outages::default();
        let lost = Error::new("s:Op", Kind::Unanswered, "NoConnection", "")
            .with_cause(Cause::ConnectionLost);
        outages.given_up(&lost, at(0));
        assert_eq!(outages.known("s:Op", at(59)), Some(lost.clone()));
        assert_eq!(outages.known("s:Other", at(1)), None);
        assert_eq!(outages.known("s:Op", at(60)), None);
        outages.given_up(&lost, at(60));
        outages.over("s:Op");
        assert_eq!(outages.known("s:Op", at(61)), None);
        // A service that fails may fail for one account only.
        outages.given_up(&Error::new("s:Op", Kind::Unanswered, "HTTP 500", ""), at(70));
        assert_eq!(outages.known("s:Op", at(71)), None);
    }
}
