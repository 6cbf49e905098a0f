//! How long to wait before the next look, and for what.

use std::time::Duration;

/// A pause, and what it waits for, as the end of "while waiting for …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pause {
    /// How long.
    pub length: Duration,
    /// For what.
    pub waiting_for: String,
}

impl Pause {
    /// No pause.
    pub(crate) fn none(waiting_for: &str) -> Self {
        Self { length: Duration::ZERO, waiting_for: waiting_for.to_owned() }
    }

    /// Half a second, doubled with each look, at most `cap` seconds.
    pub(crate) fn growing(looks: u32, cap: u64, waiting_for: impl Into<String>) -> Self {
        let length = Duration::from_millis(500 << looks.min(8)).min(Duration::from_secs(cap));
        Self { length, waiting_for: waiting_for.into() }
    }
}
