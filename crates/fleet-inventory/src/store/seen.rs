//! What a resource remembers of an inventory document, so that an older one is known when it comes.

use std::collections::BTreeSet;
use std::fmt;

use fleet_artifacts::digest::sha256_hex;
use fleet_model::inventory::{AccountDocument, ClusterDocument, MAX_SERIAL};
use fleet_model::name::Key;

use super::{Found, Store};
use crate::document::{Beside, Document};
use crate::error::Error;

/// The newest version of a document that a resource has written or read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen {
    /// Its serial; 0 when none was seen.
    pub serial: u64,
    /// SHA-256 of the file's bytes, lower-case hex.
    pub sha256: Option<String>,
    /// The serial of the last file that was missed in the store, and written anew: a store that has it since then may be
    /// another one than it was seen in, or have lost more.
    pub missed: Option<u64>,
}

/// The kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `accounts/KEY.yaml`.
    Account,
    /// `clusters/NAME.yaml`.
    Cluster,
}

/// A document of somebody else that is older than the one that was seen of it: this copy of the inventory
/// lacks a later write, or the object was let go and began anew.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Older {
    /// Of what kind.
    pub kind: Kind,
    /// Of which account or cluster.
    pub key: Key,
    /// The serial that was seen.
    pub seen: u64,
    /// The serial that it has.
    pub found: u64,
}

/// What a write leaves.
pub(super) struct Version {
    /// Its serial.
    pub(super) serial: u64,
    /// SHA-256 of the file's bytes, lower-case hex.
    pub(super) sha256: String,
    /// What is to be written; `None`: the file stays as it is.
    pub(super) text: Option<String>,
}

// === impl Seen ===

impl Seen {
    /// The newer of what was seen and what is there. What is not as it was written is not believed: an
    /// edited serial would make every later file an older one.
    #[must_use]
    pub fn or(self, serial: u64, sha256: &str, is_as_written: bool) -> Self {
        if is_as_written && serial > self.serial {
            Self { serial, sha256: Some(sha256.to_owned()), ..self }
        } else {
            self
        }
    }
}

// === impl Kind ===

impl Kind {
    /// The folder of its files in the store.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Account => AccountDocument::FOLDER,
            Self::Cluster => ClusterDocument::FOLDER,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "account",
            Self::Cluster => "cluster",
        })
    }
}

// === impl Older ===

impl Older {
    /// What lets `reader` go on with exactly these: 16 hex digits.
    #[must_use]
    pub fn fingerprint(reader: &str, older: &BTreeSet<Self>) -> String {
        let mut text = format!("older {reader}\n");
        for Self { kind, key, seen, found } in older {
            text.push_str(&format!("{kind} {key} {seen} {found}\n"));
        }
        let mut sha256 = sha256_hex(text.as_bytes());
        sha256.truncate(16);
        sha256
    }
}

impl fmt::Display for Older {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, key, seen, found } = self;
        write!(
            f,
            "the file of the {kind} `{key}` has the serial {found}, and the serial {seen} was seen before"
        )
    }
}

impl Store {
    /// Whether the file of an account is older than what somebody else has seen of it. One that is not
    /// there is not older.
    ///
    /// # Errors
    /// As [`Store::account`].
    pub fn older_account(&self, key: &Key, seen: &Seen) -> Result<Option<Older>, Error> {
        let found = self.account(key)?.map(|found| found.document.serial);
        let older = found.filter(|found| *found < seen.serial);
        Ok(older.map(|found| Older {
            kind: Kind::Account,
            key: key.clone(),
            seen: seen.serial,
            found,
        }))
    }

    /// Refuses a document that is older than the one that was seen.
    pub(super) fn not_older<D: Document>(
        &self,
        found: &Found<D>,
        seen: &Seen,
    ) -> Result<(), Error> {
        let serial = found.document.serial();
        if serial < seen.serial {
            let path = self.file::<D>(found.document.key());
            return Err(Error::Older { path, seen: seen.serial, found: serial });
        }
        Ok(())
    }

    /// What a write of `document` leaves in place of `found`: the file as it is, if it says the same; the version that was seen, if
    /// that is what was lost; else a new one.
    pub(super) fn version<D: Document>(
        &self,
        document: &D,
        found: Option<&Found<D>>,
        seen: &Seen,
    ) -> Result<Version, Error> {
        let version = |serial: u64, beside: &Beside| -> Result<Version, Error> {
            let text = self.text(&document.with_serial(serial), beside)?;
            let sha256 = sha256_hex(text.as_bytes());
            Ok(Version { serial, sha256, text: Some(text) })
        };
        // One without a serial gets one, and a seal with it.
        if let Some(found) = found.filter(|found| found.document.serial() > 0) {
            let (serial, sha256) = (found.document.serial(), &found.sha256);
            // How another version of the provider writes the same is no reason to write it again.
            let says_same = found.is_as_written
                && found.beside.ends_as_written
                && found.document == document.with_serial(serial);
            if says_same || version(serial, &found.beside)?.sha256 == *sha256 {
                return Ok(Version { serial, sha256: sha256.clone(), text: None });
            }
        }
        // A serial that was edited leads nowhere; where nothing else is known, it is all there is.
        let believed = found.filter(|found| found.is_as_written || seen.serial == 0);
        let there = believed.map(|found| found.document.serial()).unwrap_or_default();
        let newest = there.max(seen.serial);
        let beside = found.map(|found| found.beside.clone()).unwrap_or_default();
        if newest == seen.serial && newest > 0 {
            // An edit may have put a field in, or the name of another program; and what is from before programs signed has none.
            for beside in [
                beside.clone(),
                beside.without_unknown(),
                beside.signed(),
                Beside::default().signed(),
                Beside::default(),
            ] {
                let lost = version(newest, &beside)?;
                if seen.sha256.as_ref() == Some(&lost.sha256) {
                    return Ok(lost);
                }
            }
        }
        if newest >= MAX_SERIAL {
            return Err(Error::LastSerial { path: self.file::<D>(document.key()) });
        }
        version(newest.saturating_add(1), &beside.signed())
    }
}
