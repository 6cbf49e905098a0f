//! A document that its own state has seen has to be in the store, before a step that nothing undoes. A directory that
//! lacks it is not the inventory that the object was kept in, or has lost files; either way it may lack clusters.

use std::collections::BTreeSet;

use fleet_artifacts::digest::sha256_hex;
use fleet_model::name::Key;

use super::{Found, Kind, Seen, Store};
use crate::document::Document;
use crate::error::Error;

/// What the store has in place of a document that was seen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Instead {
    /// No file.
    #[error("is not there")]
    Nothing,
    /// An older one.
    #[error("has the serial {0}")]
    Older(u64),
    /// One with a serial that no write gave it.
    #[error("has the serial {0}, which was edited")]
    Edited(u64),
    /// One that the state wrote itself, after it had missed the file.
    #[error(
        "was written anew by an apply of this configuration, which had not found the file that was there before"
    )]
    Anew,
    /// The file of another account.
    #[error("is about the account {0}")]
    Another(String),
}

/// A document that the store lacks though its own state has seen it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Of what kind.
    pub kind: Kind,
    /// Of which account or cluster.
    pub key: Key,
    /// The serial that was seen.
    pub seen: u64,
    /// What is there.
    pub instead: Instead,
}

// === impl Lost ===

impl Lost {
    /// What lets a step go on all the same, with exactly this: 16 hex digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { kind, key, seen, instead } = self;
        // Whether it is there again by our own hand is no other question.
        let instead = if *instead == Instead::Anew { &Instead::Nothing } else { instead };
        let text = format!("lost {kind} {key} {seen} {instead}\n");
        let mut sha256 = sha256_hex(text.as_bytes());
        sha256.truncate(16);
        sha256
    }

    /// Whether the file is not there, and the next apply writes it anew.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.instead == Instead::Nothing
    }
}

impl Store {
    /// What the store has in place of the file of the account with this id, if that is not at least as new as what the
    /// account's own state has seen. A state that has seen none has nothing to miss.
    ///
    /// # Errors
    /// As [`Store::account`].
    pub fn lost_account(&self, key: &Key, id: &str, seen: &Seen) -> Result<Option<Lost>, Error> {
        let found = self.account(key)?;
        let another = found.as_ref().filter(|of| seen.serial > 0 && of.document.id != id);
        let instead = match another {
            Some(another) => Some(Instead::Another(another.document.id.clone())),
            None => instead(found.as_ref(), seen),
        };
        Ok(lost(Kind::Account, key, seen, instead))
    }

    /// As [`Store::lost_account`], of a cluster's file and its registration.
    ///
    /// # Errors
    /// As [`Store::cluster`].
    pub fn lost_cluster(&self, name: &Key, seen: &Seen) -> Result<Option<Lost>, Error> {
        let found = self.cluster(name)?;
        Ok(lost(Kind::Cluster, name, seen, instead(found.as_ref(), seen)))
    }
}

/// Whether nobody acknowledged that the document is lost.
#[must_use]
pub fn holds_back(lost: Option<Lost>, acknowledged: &BTreeSet<String>) -> Option<Lost> {
    lost.filter(|lost| !acknowledged.contains(&lost.fingerprint()))
}

/// Whether the store lacks the document that was seen, so that a write would put another one in its place.
pub(super) fn misses<D: Document>(found: Option<&Found<D>>, seen: &Seen) -> bool {
    instead(found, seen).is_some()
}

fn lost(kind: Kind, key: &Key, seen: &Seen, instead: Option<Instead>) -> Option<Lost> {
    let lost = |seen: u64, instead: Instead| Lost { kind, key: key.clone(), seen, instead };
    match (instead, seen.missed) {
        (Some(instead), _) => Some(lost(seen.serial, instead)),
        (None, Some(missed)) => Some(lost(missed, Instead::Anew)),
        (None, None) => None,
    }
}

fn instead<D: Document>(found: Option<&Found<D>>, seen: &Seen) -> Option<Instead> {
    if seen.serial == 0 {
        return None;
    }
    let Some(found) = found else { return Some(Instead::Nothing) };
    let serial = found.document.serial();
    match serial.cmp(&seen.serial) {
        std::cmp::Ordering::Less => Some(Instead::Older(serial)),
        std::cmp::Ordering::Equal => None,
        // A serial that no write gave proves nothing.
        std::cmp::Ordering::Greater => (!found.is_as_written).then_some(Instead::Edited(serial)),
    }
}

#[cfg(test)]
mod tests;
