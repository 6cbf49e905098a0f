//! How fast we call a service: a token bucket per group of calls, shared by every object of the process, so that
//! hundreds of them do not run into AWS's throttling together.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::config::RetryMode;

/// The least part of a rate that throttling slows a bucket down to.
const SLOWEST: f64 = 1.0 / 16.0;
/// How much of its rate a bucket gets back with each call that is not throttled.
const RECOVERY: f64 = 0.02;

/// Calls that share a bucket, their rate per second, and how many may go at once. AWS documents the Account API's rates
/// (quotas of AWS Account Management); those of Organizations it does not: ours are below what others report to hold.
const LIMITS: [(&str, &[&str], f64, f64); 8] = [
    ("regions", &["account:EnableRegion", "account:DisableRegion"], 1.0, 1.0),
    ("contacts", &["account:PutAlternateContact", "account:DeleteAlternateContact"], 5.0, 8.0),
    ("account", &["account:GetAlternateContact"], 10.0, 15.0),
    ("account reads", &["account:"], 5.0, 5.0),
    ("organization reads", &["organizations:List", "organizations:Describe"], 15.0, 30.0),
    ("organization writes", &["organizations:"], 4.0, 10.0),
    ("tag index", &["tag:"], 5.0, 10.0),
    ("control tower", &["controltower:"], 5.0, 10.0),
];

/// The buckets of one process.
pub(crate) struct Pace {
    mode: RetryMode,
    buckets: Mutex<BTreeMap<&'static str, Bucket>>,
}

/// A bucket that lends: who comes when it is empty waits for the tokens of all before it, and its own.
struct Bucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    /// Of the rate, while the service throttles.
    part: f64,
    at: Timestamp,
}

// === impl Pace ===

impl Pace {
    pub(crate) fn new(mode: RetryMode) -> Self {
        Self { mode, buckets: Mutex::default() }
    }

    /// How long this call has to wait for its turn. Its token is taken.
    pub(crate) fn turn(&self, call: &str, now: Timestamp) -> Duration {
        self.with(call, now, |bucket| bucket.take(now)).unwrap_or_default()
    }

    /// The service throttled the call: in adaptive mode the whole group goes slower for a while.
    pub(crate) fn throttled(&self, call: &str, now: Timestamp) {
        if self.mode == RetryMode::Adaptive {
            self.with(call, now, Bucket::slow_down);
        }
    }

    /// The service took the call.
    pub(crate) fn answered(&self, call: &str, now: Timestamp) {
        if self.mode == RetryMode::Adaptive {
            self.with(call, now, Bucket::recover);
        }
    }

    /// Calls without a group (STS, a member's IAM) are not held back.
    fn with<T>(&self, call: &str, now: Timestamp, act: impl FnOnce(&mut Bucket) -> T) -> Option<T> {
        let (group, _, rate, burst) = LIMITS
            .iter()
            .find(|(_, calls, _, _)| calls.iter().any(|begin| call.starts_with(begin)))?;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(group).or_insert_with(|| Bucket {
            rate: *rate,
            burst: *burst,
            tokens: *burst,
            part: 1.0,
            at: now,
        });
        Some(act(bucket))
    }
}

// === impl Bucket ===

impl Bucket {
    fn take(&mut self, now: Timestamp) -> Duration {
        let gone = now.duration_since(self.at).as_secs_f64().max(0.0);
        let rate = self.rate * self.part;
        self.tokens = (self.tokens + gone * rate).min(self.burst) - 1.0;
        self.at = now.max(self.at);
        if self.tokens >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-self.tokens / rate)
        }
    }

    fn slow_down(&mut self) {
        self.part = (self.part / 2.0).max(SLOWEST);
        self.tokens = self.tokens.min(0.0);
    }

    fn recover(&mut self) {
        self.part = (self.part + RECOVERY).min(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "organizations:TagResource";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).unwrap()
    }

    fn turns(pace: &Pace, call: &str, count: u32, now: Timestamp) -> Vec<f64> {
        (0..count).map(|_| pace.turn(call, now).as_secs_f64()).collect()
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_in_line() {
        let pace = Pace::new(RetryMode::Standard);
        let waits = turns(&pace, CALL, 14, at(0));
        assert!(waits[..10].iter().all(|wait| *wait == 0.0), "{waits:?}");
        assert_eq!(waits[10..], [0.25, 0.5, 0.75, 1.0]);
        // A second later those four are paid, and nothing is left over.
        assert_eq!(turns(&pace, CALL, 2, at(1)), [0.25, 0.5]);
        // An hour later the bucket is full, and not fuller.
        assert_eq!(turns(&pace, CALL, 11, at(3_600))[10], 0.25);
    }

    #[test]
    fn groups_do_not_wait_for_each_other() {
        let pace = Pace::new(RetryMode::Standard);
        turns(&pace, CALL, 100, at(0));
        assert_eq!(pace.turn("organizations:ListAccounts", at(0)), Duration::ZERO);
        assert_eq!(turns(&pace, "sts:AssumeRole", 1_000, at(0)).iter().sum::<f64>(), 0.0);
    }

    #[test]
    fn regions_are_asked_for_one_a_second() {
        let pace = Pace::new(RetryMode::Standard);
        assert_eq!(turns(&pace, "account:EnableRegion", 3, at(0)), [0.0, 1.0, 2.0]);
    }

    #[test]
    fn only_adaptive_mode_slows_down_and_it_recovers() {
        for (mode, wait) in [(RetryMode::Standard, 0.0), (RetryMode::Adaptive, 0.5)] {
            let pace = Pace::new(mode);
            pace.turn(CALL, at(0));
            pace.throttled(CALL, at(0));
            assert_eq!(pace.turn(CALL, at(0)).as_secs_f64(), wait, "{mode:?}");
        }
        let pace = Pace::new(RetryMode::Adaptive);
        for _ in 0..20 {
            pace.throttled(CALL, at(0));
        }
        assert_eq!(pace.turn(CALL, at(0)).as_secs_f64(), 4.0);
        for _ in 0..50 {
            pace.answered(CALL, at(0));
        }
        pace.turn(CALL, at(60));
        assert_eq!(turns(&pace, CALL, 10, at(60))[9], 0.25);
    }
}
