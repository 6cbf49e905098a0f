//! Files that their states have seen, and that the store lacks: where that is most of a state's files, the store is another one than
//! the last apply wrote to, or a clone that lacks its commit, and one word says it for all of them.

use std::collections::BTreeSet;

use fleet_model::name::Key;

use super::{Kind, Store, locked};
use crate::document::Document;

/// How many files are named.
const SHOWN: usize = 3;

/// What a missing file comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Others of the same configuration are there.
    Some,
    /// More are missing than are there; for the first time in this run.
    Most {
        /// Some of those that are missing, as `clusters/NAME.yaml`.
        missing: Vec<String>,
        /// How many files of the configuration are there.
        there: usize,
    },
    /// As before, which was said.
    Told,
}

/// What a run knows of missing files.
#[derive(Debug, Default)]
pub(crate) struct Misses {
    names: BTreeSet<String>,
    /// How many files of the configuration are there, once somebody has counted.
    there: Option<usize>,
    is_told: bool,
}

impl Store {
    /// Notes that a file is missing which the state of its object has seen. `managed_by`: the configuration whose state it is; where
    /// that is not known, each file stands for itself. What is there bounds how many files of a state can be there, whatever order
    /// they are asked for in.
    pub fn miss(&self, kind: Kind, key: &Key, managed_by: Option<&str>) -> Missing {
        let Some(managed_by) = managed_by else { return Missing::Some };
        // Held while counting, so that objects that are planned at the same time count once.
        let mut misses = locked(&self.known.misses);
        misses.names.insert(format!("{}/{key}.yaml", kind.folder()));
        if misses.is_told {
            return Missing::Told;
        }
        let there = match misses.there {
            Some(there) => there,
            // What cannot be read is told elsewhere, and nobody knows how much is there.
            None => self.count(managed_by).unwrap_or(usize::MAX),
        };
        misses.there = Some(there);
        if misses.names.len() <= there {
            return Missing::Some;
        }
        misses.is_told = true;
        Missing::Most { missing: misses.names.iter().take(SHOWN).cloned().collect(), there }
    }

    /// How many files of a configuration are there.
    fn count(&self, managed_by: &str) -> Option<usize> {
        let accounts = self.accounts().ok()?;
        let clusters = self.clusters().ok()?;
        let ours = accounts.values().filter(|of| of.document.managed_by() == managed_by).count();
        Some(ours + clusters.values().filter(|of| of.document.managed_by() == managed_by).count())
    }
}

#[cfg(test)]
mod tests;
