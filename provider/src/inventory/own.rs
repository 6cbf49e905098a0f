//! A document that its own state has seen has to be in the store, before a step that nothing undoes. A directory that
//! lacks it is not the inventory that the object was kept in, or has lost files; either way it may lack clusters.

use std::collections::BTreeSet;

use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::name::Key;

use super::document::Document;
use super::{Error, Found, Kind, Seen, Store};
use crate::diagnostic::{Report, error, warning};

/// What the store has in place of a document that was seen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Instead {
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
    kind: Kind,
    key: Key,
    seen: u64,
    instead: Instead,
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
        let mut sha256 = fleet_artifacts::digest::sha256_hex(text.as_bytes());
        sha256.truncate(16);
        sha256
    }

    /// Whether the file is not there, and the next apply writes it anew.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.instead == Instead::Nothing
    }

    /// The warning of a plan that writes the file anew.
    pub fn written_anew(&self, store: &Store) -> Report {
        let Self { kind, key, seen, .. } = self;
        let (folder, directory) = (folder(*kind), store.path().display());
        let summary = format!("The file of {kind} {key} is missing");
        warning("FLEET0323", summary)
            .at(match kind {
                Kind::Account => "key",
                Kind::Cluster => "name",
            })
            .what(format!("`{folder}/{key}.yaml` is not in `{directory}`. The state of this {kind} has seen it, with the serial {seen}. The apply writes it anew."))
            .why("A directory that lacks the file may be another one than the inventory, or only a part of it: then other files are missing, too, and placements and registrations go by what is there.")
            .todo(format!("Look whether the `inventory` block of the provider names the right directory, and whether all of it was checked out; restore the file (`git checkout`) if it was deleted. If it is lost for good, apply. That the file is there again does not prove that the directory is the inventory: before this {kind} is retired or let go, the plan asks for an acknowledgement (FLEET0317)."))
    }

    /// The diagnostic. `step` is what is held back, and completes "before an apply …".
    pub fn report(&self, step: &str, store: &Store) -> Report {
        let Self { kind, key, seen, instead } = self;
        let (folder, fingerprint) = (folder(*kind), self.fingerprint());
        let directory = store.path().display();
        error("FLEET0317", "The inventory is not known to be current")
            .what(format!("Before an apply {step}, the inventory has to be current, and `{folder}/{key}.yaml` in `{directory}` {instead}. The state of this {kind} has seen the file with the serial {seen}."))
            .why("The step cannot be taken back, and the inventory says what hangs on it. A directory that lacks this file, or lacked it, is another one than the object was kept in, or has lost files: it may lack the file of a cluster that still runs, too.")
            .todo(format!("Look whether the `inventory` block of the provider names the right directory, and whether all of it was checked out; bring it up to date (`git pull`), or restore the file (`git checkout`), and plan again. If the file is lost for good, find out by another way that nothing else is; then add \"{fingerprint}\" to `acknowledge` in the `inventory` block, until the {kind} is gone. It fits this {kind}, and the loss of this file."))
    }
}

fn folder(kind: Kind) -> &'static str {
    match kind {
        Kind::Account => AccountDocument::FOLDER,
        Kind::Cluster => ClusterDocument::FOLDER,
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
pub(crate) fn holds_back(lost: Option<Lost>, acknowledged: &BTreeSet<String>) -> Option<Lost> {
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
