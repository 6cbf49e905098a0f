//! The quota of accounts. Suspended and closed accounts count as long as they are listed.

use crate::aws::api::Account;

/// More accounts are planned than the quota leaves room for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// How many accounts the organization has, the management account and closed ones too.
    pub accounts: usize,
    /// How many of them are suspended, closing or closed.
    pub closed: usize,
    /// How many this plan creates, up to this one.
    pub planned: usize,
    /// How many there may be.
    pub quota: u64,
    /// Whether AWS is sure to refuse. An organization that has more accounts than its quota says lives
    /// by another number.
    pub certain: bool,
}

/// Whether the accounts planned so far go beyond the quota. One that is there already, since this
/// plan goes on with it or this process has just made it, is counted once.
pub(super) fn check<'a>(
    accounts: impl Iterator<Item = &'a Account> + Clone,
    emails: &[Option<String>],
    quota: u64,
) -> Option<Quota> {
    let there = accounts.clone().count();
    let closed = accounts.clone().filter(|of| of.state.is_over()).count();
    let has = |email: &String| accounts.clone().any(|of| of.email.eq_ignore_ascii_case(email));
    let mut known: Vec<&String> = emails.iter().flatten().collect();
    known.sort_unstable();
    known.dedup();
    let unknown = emails.iter().filter(|email| email.is_none()).count();
    let planned = unknown + known.into_iter().filter(|email| !has(email)).count();
    let total = u64::try_from(there + planned).unwrap_or(u64::MAX);
    (total > quota).then_some(Quota {
        accounts: there,
        closed,
        planned,
        quota,
        certain: u64::try_from(there).is_ok_and(|there| there <= quota),
    })
}
