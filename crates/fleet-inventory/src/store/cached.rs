//! The joined snapshot and the tombstones, read again only when a file changed: every placement of an apply asks for
//! it, and parsing ten thousand files takes far longer than looking at their metadata.

use std::sync::Arc;

use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::snapshot::Snapshot;

use super::{Store, locked};
use crate::document::Document;
use crate::error::Error;

/// A snapshot with the metadata of the files it was read from.
#[derive(Debug)]
pub(super) struct Cached {
    metadata: String,
    snapshot: Arc<Snapshot>,
    tombstones: Arc<Vec<AccountDocument>>,
}

impl Store {
    /// The placement facts of every cluster, joined with the admission of its account, as the
    /// store is now.
    ///
    /// # Errors
    /// The directory is missing, or a file cannot be read: a fleet that lacks the clusters whose
    /// files are broken would move workloads.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        Ok(self.cached()?.0)
    }

    /// The file of a closed account that had this key, else of one that had this email, which is
    /// the same whatever its case.
    ///
    /// # Errors
    /// As [`Store::snapshot`].
    pub fn tombstone(&self, key: &str, email: &str) -> Result<Option<AccountDocument>, Error> {
        let (_, tombstones) = self.cached()?;
        let with_key = tombstones.iter().find(|of| of.contract.key.as_str() == key);
        let with_email =
            || tombstones.iter().find(|of| of.contract.email.eq_ignore_ascii_case(email));
        Ok(with_key.or_else(with_email).cloned())
    }

    fn cached(&self) -> Result<(Arc<Snapshot>, Arc<Vec<AccountDocument>>), Error> {
        // Held while reading, so that placements applied at the same time read once.
        let mut cached = locked(&self.cached);
        // Taken before the files are read: a change in between is seen by the next caller.
        let metadata = self.metadata(&[AccountDocument::FOLDER, ClusterDocument::FOLDER])?;
        if let Some(cached) = cached.as_ref().filter(|cached| cached.metadata == metadata) {
            return Ok((Arc::clone(&cached.snapshot), Arc::clone(&cached.tombstones)));
        }
        let accounts = self.accounts()?;
        let snapshot = Arc::new(self.join(&accounts, self.clusters()?.into_values()));
        let documents = accounts.into_values().map(|found| found.document);
        let tombstones = Arc::new(documents.filter(AccountDocument::is_tombstone).collect());
        let answer = (Arc::clone(&snapshot), Arc::clone(&tombstones));
        *cached = Some(Cached { metadata, snapshot, tombstones });
        Ok(answer)
    }

    /// What is another text when anything in these folders of the store is, or what this run knows better than they do.
    pub(super) fn metadata(&self, folders: &[&str]) -> Result<String, Error> {
        let mut lines: Vec<String> =
            locked(&self.known.refuted).iter().map(|(key, open)| format!("{key} {open}")).collect();
        lines.push(self.backend.version(folders)?);
        Ok(lines.join("\n"))
    }
}
