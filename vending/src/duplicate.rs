//! Two accounts of one key. AWS has no token for a create, so two runs that begin together under other emails can each
//! make an account with one `fleet:id`. Which of them has the key is decided on the world, and alike for whoever looks.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleet_model::readiness::{Check, Readiness, Severity, Verdict};
use fleet_model::tags;
use jiff::Timestamp;

use crate::aws::api::Account;

/// The check that says so.
const CHECK: &str = "one-account-per-key";
/// An open account that carries the `fleet:id` of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// 12 digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The root user's address.
    pub email: String,
    /// Its `fleet:managed-by`.
    pub managed_by: String,
    /// When it came.
    pub joined_at: Option<Timestamp>,
}

/// The accounts of one key, where there are more than one. The first has the key: the one that came first, and of those
/// that came at once the one with the lowest id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    key: String,
    winner: Claimant,
    others: Vec<Claimant>,
}

/// What a fresh look for accounts of a key found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rivals {
    /// There is more than one account.
    pub duplicate: Option<Duplicate>,
    /// Whether the look saw everything: the account itself is listed, and each one that came just now has its tags.
    pub settled: bool,
}

/// The open accounts that somebody manages, by `fleet:id`.
pub(crate) type AllClaims = Arc<BTreeMap<String, Vec<Claimant>>>;

// === impl Claimant ===

impl Claimant {
    /// `None`: the account is not open, or nobody manages it.
    pub(crate) fn new<Id: std::fmt::Display>(
        account: &Account<Id>,
        has: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let managed_by = has.get(tags::MANAGED_BY)?.clone();
        account.is_open().then(|| Self {
            id: account.id.to_string(),
            name: account.name.clone(),
            email: account.email.clone(),
            managed_by,
            joined_at: account.joined_at,
        })
    }
}

impl std::fmt::Display for Claimant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, name, email, managed_by, joined_at } = self;
        write!(f, "{id} ({name:?}, {email:?}, managed by {managed_by:?}")?;
        match joined_at {
            Some(at) => write!(f, ", there since {at})"),
            None => f.write_str(")"),
        }
    }
}

// === impl Duplicate ===

impl Duplicate {
    /// `None`: there is one account, or none.
    #[must_use]
    pub fn of(key: &str, mut claimants: Vec<Claimant>) -> Option<Self> {
        let came = |of: &Claimant| (of.joined_at.unwrap_or(Timestamp::MAX), of.id.clone());
        claimants.sort_by_key(came);
        claimants.dedup_by(|a, b| a.id == b.id);
        if claimants.len() < 2 {
            return None;
        }
        let winner = claimants.remove(0);
        Some(Self { key: key.to_owned(), winner, others: claimants })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The account that has the key.
    #[must_use]
    pub fn winner(&self) -> &Claimant {
        &self.winner
    }

    /// The accounts that carry it and do not have it.
    #[must_use]
    pub fn others(&self) -> &[Claimant] {
        &self.others
    }

    /// Whether the account with this id is one of them.
    #[must_use]
    pub fn concerns(&self, id: &str) -> bool {
        self.winner.id == id || self.others.iter().any(|of| of.id == id)
    }

    /// The accounts that carry the key, and one that is to come under it and does not carry it yet: that one does not
    /// have it, however old it is.
    pub(crate) fn with(key: &str, claimants: Vec<Claimant>, late: Claimant) -> Option<Self> {
        let mut claimants: Vec<Claimant> =
            claimants.into_iter().filter(|of| of.id != late.id).collect();
        let came = |of: &Claimant| (of.joined_at.unwrap_or(Timestamp::MAX), of.id.clone());
        claimants.sort_by_key(came);
        let winner = claimants.first()?.clone();
        let others = claimants.into_iter().skip(1).chain([late]).collect();
        Some(Self { key: key.to_owned(), winner, others })
    }

    /// Whether the account with this id does not have the key.
    #[must_use]
    pub fn loses(&self, id: &str) -> bool {
        self.winner.id != id
    }

    /// The readiness of an account that does not have its key: that, and nothing else, was looked at.
    pub(crate) fn readiness(&self) -> Readiness {
        Readiness::from_checks([Check {
            check: CHECK.to_owned(),
            scope: String::new(),
            verdict: Verdict::Fail,
            severity: Severity::Critical,
            expected: "no other open account carries this `fleet:id`".to_owned(),
            observed: format!("account {} carries it, too, and has the key", self.winner.id),
            api: "organizations:ListTagsForResource".to_owned(),
            what_to_do: "Keep one of the accounts under this key; close or release the other."
                .to_owned(),
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimant(id: &str, second: Option<i64>) -> Claimant {
        Claimant {
            id: id.to_owned(),
            name: "n".to_owned(),
            email: "e".to_owned(),
            managed_by: "us".to_owned(),
            joined_at: second.map(|second| Timestamp::from_second(second).unwrap()),
        }
    }

    #[test]
    fn who_has_the_key_does_not_depend_on_who_looks() {
        let cases = [
            (vec![claimant("2", Some(5)), claimant("1", Some(6))], "2"),
            (vec![claimant("2", Some(5)), claimant("1", Some(5))], "1"),
            (vec![claimant("2", None), claimant("3", Some(9))], "3"),
            (vec![claimant("2", None), claimant("1", None), claimant("3", None)], "1"),
        ];
        for (claimants, winner) in cases {
            let mut reversed = claimants.clone();
            reversed.reverse();
            let found = Duplicate::of("k", claimants);
            assert_eq!(found, Duplicate::of("k", reversed));
            let found = found.unwrap();
            assert_eq!((found.winner().id.as_str(), found.loses(winner)), (winner, false));
            assert!(found.others().iter().all(|of| found.loses(&of.id)));
        }
        assert_eq!(Duplicate::of("k", vec![claimant("1", None), claimant("1", None)]), None);
        assert_eq!(Duplicate::of("k", Vec::new()), None);
    }
}
