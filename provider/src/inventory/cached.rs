//! The joined snapshot and the tombstones, read again only when a file changed: every placement of an apply asks for
//! it, and parsing ten thousand files takes far longer than looking at their metadata.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use fleet_artifacts::digest::sha256_hex;
use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::snapshot::Snapshot;

use super::document::Document;
use super::{Error, Store, locked};

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

    /// A digest of what the file system says about every file in these folders of the store, and of what this
    /// run knows better than they do.
    pub(super) fn metadata(&self, folders: &[&str]) -> Result<String, Error> {
        self.check_directory()?;
        let mut lines: Vec<String> =
            locked(&self.known.refuted).iter().map(|(key, open)| format!("{key} {open}")).collect();
        for folder in folders {
            let path = self.path.join(folder);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(Error::Read { path, source }),
            };
            for entry in entries {
                let line = entry.and_then(|entry| {
                    let metadata = entry.metadata()?;
                    Ok(format!("{folder}/{:?} {}", entry.file_name(), identity(&metadata)))
                });
                match line {
                    Ok(line) => lines.push(line),
                    // Our own temporary files come and go.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(source) => return Err(Error::Read { path, source }),
                }
            }
        }
        lines.sort_unstable();
        Ok(sha256_hex(lines.join("\n").as_bytes()))
    }
}

/// Length and time of change; on Unix also the inode, which a file renamed into place has anew
/// however coarse the clock is.
fn identity(metadata: &fs::Metadata) -> String {
    let changed = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (inode, seconds, nanos) = (metadata.ino(), metadata.ctime(), metadata.ctime_nsec());
        format!("{} {changed} {inode} {seconds} {nanos}", metadata.len())
    }
    #[cfg(not(unix))]
    {
        format!("{} {changed}", metadata.len())
    }
}
