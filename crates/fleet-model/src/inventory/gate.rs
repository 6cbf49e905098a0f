//! The gate of guide §25.4 as one document tells it: whether an account admits clusters, and why not.

use std::collections::BTreeSet;

use super::AccountDocument;
use crate::lifecycle::LifecyclePhase;
use crate::name::Key;
use crate::readiness::Verdict;

/// How the checks begin that are made in each region: the region follows.
const OF_REGION: &str = "regions/";

/// The phase of an account in which everything holds.
pub const READY: &str = "ready";

/// Why an account admits no cluster. `Display` is the entry in a list of what is open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The file is a tombstone.
    #[error("the account is closed")]
    Closed,
    /// A check that does not pass.
    #[error("{0}")]
    Open(String),
    /// Nothing was checked: how far the account is.
    #[error("phase {0}")]
    Phase(String),
    /// The file says `ready: true`, and something else that cannot be with it.
    #[error("the file says `ready: true` and {0}")]
    Contradiction(Contradiction),
}

/// What cannot stand beside `ready: true`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A check that does not pass.
    #[error("the verdict of {0} is {1}")]
    Verdict(String, Verdict),
    /// A check that is open.
    #[error("the check {0} is open")]
    Open(String),
    /// Another phase.
    #[error("phase {0}")]
    Phase(String),
    /// A place in life where nothing is admitted.
    #[error("lifecycle_phase {0}")]
    Lifecycle(LifecyclePhase),
    /// A time of its closing.
    #[error("when the account was closed")]
    ClosedAt,
    /// No check that passes: nobody has looked at the account.
    #[error("no verdict that passes")]
    NothingPasses,
    /// No verdict of a region that the contract has, though others have one.
    #[error("no verdict of the region {0}")]
    Region(String),
    /// An id that AWS gives to nobody.
    #[error("the id of no account")]
    NoAccount,
    /// Lines that were changed or taken out: whichever check is missing now may be one that failed.
    #[error("is not as an apply wrote it")]
    Edited,
    /// The id of another account's file, which has this key.
    #[error("the id of the account {0}, too")]
    SameId(Key),
}

impl AccountDocument {
    /// Why no cluster is admitted; empty when the account is ready. A document that contradicts itself
    /// is not ready, whatever its field `ready` says: somebody edited it, or half of a merge is in it.
    #[must_use]
    pub fn not_ready(&self) -> Vec<NotReady> {
        if self.is_tombstone() {
            return vec![NotReady::Closed];
        }
        let open = self.open_checks.keys().cloned().map(NotReady::Open);
        if !self.ready {
            let mut found: Vec<_> = open.collect();
            if found.is_empty() {
                found.push(NotReady::Phase(self.phase.clone()));
            }
            return found;
        }
        let failing = self.verdicts.iter().filter(|(_, verdict)| verdict.blocks());
        let failing =
            failing.map(|(check, verdict)| Contradiction::Verdict(check.clone(), *verdict));
        let mut found: Vec<Contradiction> = failing.collect();
        found.extend(self.open_checks.keys().cloned().map(Contradiction::Open));
        if self.phase != READY {
            found.push(Contradiction::Phase(self.phase.clone()));
        }
        if self.lifecycle_phase != LifecyclePhase::Active {
            found.push(Contradiction::Lifecycle(self.lifecycle_phase));
        }
        if self.closed_at.is_some() {
            found.push(Contradiction::ClosedAt);
        }
        if !self.verdicts.values().any(|verdict| *verdict == Verdict::Pass || verdict.blocks()) {
            found.push(Contradiction::NothingPasses);
        }
        found.extend(self.regions_without_verdict().map(Contradiction::Region));
        if self.id.bytes().all(|digit| digit == b'0') {
            found.push(Contradiction::NoAccount);
        }
        if self.edited {
            found.push(Contradiction::Edited);
        }
        found.into_iter().map(NotReady::Contradiction).collect()
    }

    /// The regions of the contract that nobody has looked at, where somebody has looked at regions at all.
    fn regions_without_verdict(&self) -> impl Iterator<Item = String> {
        let seen: BTreeSet<&str> =
            self.verdicts.keys().filter_map(|check| check.strip_prefix(OF_REGION)).collect();
        let unseen = |region: &&String| !seen.is_empty() && !seen.contains(region.as_str());
        self.contract.region_set.iter().filter(unseen).cloned().collect::<Vec<_>>().into_iter()
    }

    /// Whether clusters are admitted.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.not_ready().is_empty()
    }
}
