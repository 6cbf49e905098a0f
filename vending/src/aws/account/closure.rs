//! The end of an account at AWS: what its reads mean, and when the next one can be closed.

use std::time::Duration;

use jiff::Timestamp;

use crate::aws::api::AccountState;

/// How long after the first sign of a closing an account that reads as active still counts as
/// closing. AWS closes an account within a quarter of an hour as a rule, and its reads go to and
/// fro meanwhile; an account that is active after this was not closed after all.
const WAVERING: Duration = Duration::from_secs(4 * 60 * 60);

/// What to take an account for, and since when it is closing: from what AWS says now, and since when
/// it was seen to be closing before. A closed account that reads as active again was reopened by
/// AWS's support: that is believed at once.
pub(crate) fn settled(
    says: AccountState,
    closing_since: Option<Timestamp>,
    now: Timestamp,
) -> (AccountState, Option<Timestamp>) {
    match says {
        AccountState::PendingClosure => (says, closing_since.or(Some(now))),
        AccountState::Closed | AccountState::Suspended => (says, None),
        AccountState::Active | AccountState::PendingActivation | AccountState::Other => {
            match closing_since {
                Some(since) if now.duration_since(since).unsigned_abs() <= WAVERING => {
                    (AccountState::PendingClosure, Some(since))
                }
                _ => (says, None),
            }
        }
    }
}

/// The length of the window in which AWS counts closes.
const WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What can be known of when AWS closes another account of an organization. AWS tells neither when
/// accounts were closed nor who else closed some, so the closes of one's own ledger are all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseBudget {
    /// How many closes AWS takes in 30 days, by default: 250, or 20 % of the accounts if that is
    /// more, and at most 1,000.
    pub quota: usize,
    /// How many of the last 30 days are in the ledger.
    pub ours: usize,
    /// When the ledger's next place is free; `None`: no close of the ledger is in the window.
    pub next: Option<Timestamp>,
}

impl CloseBudget {
    /// From the times of the ledger's closes, the number of the organization's accounts, and now.
    #[must_use]
    pub fn of(closes: &[Timestamp], accounts: usize, now: Timestamp) -> Self {
        let quota = accounts.div_ceil(5).clamp(250, 1_000);
        let mut ends: Vec<Timestamp> = closes
            .iter()
            .filter_map(|close| close.checked_add(WINDOW).ok())
            .filter(|end| *end > now)
            .collect();
        ends.sort_unstable();
        // When as many have left as are too many; at least one.
        let leaving = (ends.len() + 1).saturating_sub(quota).max(1);
        Self { quota, ours: ends.len(), next: ends.get(leaving - 1).copied() }
    }

    /// Whether the ledger alone uses the quota up: then there is no close before [`Self::next`].
    /// Otherwise others closed accounts too, and theirs may make room earlier.
    #[must_use]
    pub fn is_all_ours(&self) -> bool {
        self.ours >= self.quota
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_is_closing_stays_so_until_it_is_closed_or_the_reads_have_settled() {
        use AccountState::{Active, Closed, PendingClosure, Suspended};
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).ok();
        let hour = 60 * 60;
        for (says, since, now, taken_for, closing_since) in [
            (Active, None, 0, Active, None),
            (PendingClosure, None, 0, PendingClosure, at(0)),
            (PendingClosure, at(0), 600, PendingClosure, at(0)),
            (Active, at(0), 600, PendingClosure, at(0)),
            (Active, at(0), 4 * hour, PendingClosure, at(0)),
            (Active, at(0), 4 * hour + 1, Active, None),
            (Closed, at(0), 700, Closed, None),
            (Active, None, 800, Active, None),
            (Suspended, at(0), 700, Suspended, None),
        ] {
            let seen = settled(says, since, at(now).unwrap());
            assert_eq!(seen, (taken_for, closing_since), "{says:?} since {since:?} at {now}");
        }
    }

    #[test]
    fn the_ledger_tells_when_a_place_is_free() {
        let day = |n: i64| Timestamp::from_second(1_000_000 + n * 86_400).unwrap();
        let closes = |count: usize, on: i64| vec![day(on); count];
        let now = day(40);
        for (closes, accounts, quota, ours, next, all_ours) in [
            (closes(0, 0), 10, 250, 0, None, false),
            (closes(3, 0), 10, 250, 0, None, false),
            (closes(3, 20), 10, 250, 3, Some(day(50)), false),
            (closes(250, 20), 10, 250, 250, Some(day(50)), true),
            // Two too many: the second of the oldest has to leave.
            ([closes(1, 20), closes(250, 30)].concat(), 10, 250, 251, Some(day(60)), true),
            (closes(250, 20), 2_000, 400, 250, Some(day(50)), false),
            (closes(1, 20), 6_001, 1_000, 1, Some(day(50)), false),
            (closes(1, 20), 1_251, 251, 1, Some(day(50)), false),
        ] {
            let budget = CloseBudget::of(&closes, accounts, now);
            assert_eq!(budget, CloseBudget { quota, ours, next }, "{} {accounts}", closes.len());
            assert_eq!(budget.is_all_ours(), all_ours);
        }
    }
}
