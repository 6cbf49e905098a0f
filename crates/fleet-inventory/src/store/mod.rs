//! The store: one file per account and one per cluster, in a place that keeps files.
//!
//! A file is written whole or not at all, only over one of the same manager, and never over one
//! that cannot be read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fleet_artifacts::digest::sha256_hex;
use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::name::Key;

use crate::backend::directory::Directory;
use crate::backend::directory::freshness::{Doubt, Freshness, Upstream};
use crate::backend::{Backend, Entry, Expected, Touched};
use crate::document::{Beside, Document, form};
use crate::error::Error;

mod admission;
mod cached;
mod ids;
mod missing;
pub(crate) mod own;
mod seen;
mod stores;

pub use admission::Admission;
pub use missing::Missing;
pub use seen::{Kind, Older, Seen};
pub use stores::Stores;

use cached::Cached;
use ids::Ids;
use seen::Version;

/// The store in one place, by one spelling of its name. What a run knows of the place is shared by
/// all of them: see [`Stores`].
#[derive(Debug)]
pub struct Store {
    backend: Arc<dyn Backend>,
    cached: Mutex<Option<Cached>>,
    ids: Mutex<Option<Ids>>,
    known: Arc<Known>,
}

/// What a run knows of a store beside its files. They are named as `accounts/NAME.yaml`.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// What this run wrote, or found as it would have written it.
    asserted: Mutex<BTreeSet<String>>,
    /// What this run wrote or deleted, or is about to.
    touched: Touched,
    /// The accounts that are not what their files say.
    refuted: Mutex<BTreeMap<Key, String>>,
    /// Files that their states have seen, and that are not there.
    misses: Mutex<missing::Misses>,
}

/// A document with the digest of the file it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// What the file says.
    pub document: T,
    /// SHA-256 of the file's bytes as they were found, lower-case hex.
    pub sha256: String,
    /// Whether the file is as it was written, so that its serial is one that a write gave it.
    pub is_as_written: bool,
    /// What the file says beside the document.
    pub beside: Beside,
}

/// How a deletion ended. Only [`Removal::Removed`] changed the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// The file is gone.
    Removed,
    /// There was none.
    Missing,
    /// This process wrote the file in this run, for the object that takes the place of the one
    /// that is destroyed (`create_before_destroy`), so it stays.
    AssertedInThisRun,
    /// The file belongs to this other manager by now, so it stays.
    OtherManager(String),
}

impl Store {
    /// Opens the store in the directory at `path`, relative to the working directory of the CLI. A directory
    /// without `accounts/` and `clusters/` is a new fleet.
    ///
    /// # Errors
    /// [`Error::NoDirectory`]: a missing directory is never an empty fleet.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        Ok(Self::sharing(Arc::new(Directory::open(path.into())?), Arc::default()))
    }

    pub(crate) fn sharing(backend: Arc<dyn Backend>, known: Arc<Known>) -> Self {
        Self { backend, cached: Mutex::default(), ids: Mutex::default(), known }
    }

    /// Where the store is, as it was configured.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.backend.location()
    }

    /// The one name that its place has, however it was written.
    #[must_use]
    pub fn only(&self) -> PathBuf {
        self.backend.only()
    }

    /// Whether the store is known to be current. Asks the remotes each time: an apply may be long.
    ///
    /// # Errors
    /// Why it is not.
    pub fn is_current(&self, freshness: Freshness, upstream: Upstream<'_>) -> Result<(), Doubt> {
        self.backend.is_current(freshness, upstream, &self.known.touched)
    }

    /// Every account, by key.
    ///
    /// # Errors
    /// The directory is missing, or one of the files cannot be read.
    pub fn accounts(&self) -> Result<BTreeMap<Key, Found<AccountDocument>>, Error> {
        self.all()
    }

    /// Every cluster, by name.
    ///
    /// # Errors
    /// As [`Store::accounts`].
    pub fn clusters(&self) -> Result<BTreeMap<Key, Found<ClusterDocument>>, Error> {
        self.all()
    }

    /// The account of this key, `None` when it has no file.
    ///
    /// # Errors
    /// The directory is missing, or the file cannot be read.
    pub fn account(&self, key: &Key) -> Result<Option<Found<AccountDocument>>, Error> {
        self.one(key)
    }

    /// The cluster of this name, `None` when it has no file.
    ///
    /// # Errors
    /// As [`Store::account`].
    pub fn cluster(&self, name: &Key) -> Result<Option<Found<ClusterDocument>>, Error> {
        self.one(name)
    }

    /// Writes an account's file. What was `seen` of it before decides: a file that is older is not overwritten. Returns
    /// what is there now.
    ///
    /// # Errors
    /// The file belongs to another manager, is older ([`Error::Older`]), cannot be read, or cannot be written.
    pub fn put_account(&self, document: &AccountDocument, seen: &Seen) -> Result<Seen, Error> {
        self.put(document, seen).map(|(_, seen)| seen)
    }

    /// As [`Store::put_account`], for an account that is about to take a step: the same run may still delete the file.
    ///
    /// # Errors
    /// As [`Store::put_account`].
    pub fn mark_account(&self, document: &AccountDocument, seen: &Seen) -> Result<Seen, Error> {
        self.write(document, seen).map(|(_, seen)| seen)
    }

    /// As [`Store::put_account`], a cluster's file.
    ///
    /// # Errors
    /// As [`Store::put_account`].
    pub fn put_cluster(&self, document: &ClusterDocument, seen: &Seen) -> Result<Seen, Error> {
        self.put(document, seen).map(|(_, seen)| seen)
    }

    /// The cluster of this name, if `managed_by` may write it: what [`Store::put_cluster`] checks
    /// first, for a plan to check.
    ///
    /// # Errors
    /// The file belongs to another manager, or cannot be read.
    pub fn held_cluster(
        &self,
        name: &Key,
        managed_by: &str,
    ) -> Result<Option<Found<ClusterDocument>>, Error> {
        self.held(name, managed_by)
    }

    /// The account of this key, if `managed_by` may write it, as [`Store::held_cluster`].
    ///
    /// # Errors
    /// As [`Store::held_cluster`].
    pub fn held_account(
        &self,
        key: &Key,
        managed_by: &str,
    ) -> Result<Option<Found<AccountDocument>>, Error> {
        self.held(key, managed_by)
    }

    /// The cluster of this name, if it is not older than what was seen of it.
    ///
    /// # Errors
    /// As [`Store::cluster`], and [`Error::Older`].
    pub fn cluster_since(
        &self,
        name: &Key,
        seen: &Seen,
    ) -> Result<Option<Found<ClusterDocument>>, Error> {
        self.since(name, seen)
    }

    /// The account of this key, as [`Store::cluster_since`].
    ///
    /// # Errors
    /// As [`Store::cluster_since`].
    pub fn account_since(
        &self,
        key: &Key,
        seen: &Seen,
    ) -> Result<Option<Found<AccountDocument>>, Error> {
        self.since(key, seen)
    }

    /// The SHA-256 of the file that [`Store::put_cluster`] would leave.
    ///
    /// # Errors
    /// The document cannot be written as YAML, or the file that is there cannot be read.
    pub fn cluster_sha256(&self, document: &ClusterDocument, seen: &Seen) -> Result<String, Error> {
        self.sha256(document, seen)
    }

    /// The SHA-256 of the file that [`Store::put_account`] would leave.
    ///
    /// # Errors
    /// As [`Store::cluster_sha256`].
    pub fn account_sha256(&self, document: &AccountDocument) -> Result<String, Error> {
        self.sha256(document, &Seen::default())
    }

    /// Deletes an account's file, if it is `managed_by`'s.
    ///
    /// # Errors
    /// The file cannot be read or deleted.
    pub fn delete_account(&self, key: &Key, managed_by: &str) -> Result<Removal, Error> {
        self.delete::<AccountDocument>(key, managed_by)
    }

    /// Deletes a cluster's file, if it is `managed_by`'s.
    ///
    /// # Errors
    /// As [`Store::delete_account`].
    pub fn delete_cluster(&self, name: &Key, managed_by: &str) -> Result<Removal, Error> {
        self.delete::<ClusterDocument>(name, managed_by)
    }

    /// Whether this process wrote the cluster's file, or found it as it would have written it.
    #[must_use]
    pub fn asserted_cluster(&self, name: &Key) -> bool {
        locked(&self.known.asserted).contains(&relative::<ClusterDocument>(name))
    }

    fn file<D: Document>(&self, key: &Key) -> PathBuf {
        self.backend.locate(&relative::<D>(key))
    }

    fn one<D: Document>(&self, key: &Key) -> Result<Option<Found<D>>, Error> {
        let name = relative::<D>(key);
        let bytes = self.backend.get(&name)?;
        bytes.map(|bytes| parse(&self.backend.locate(&name), key, &bytes)).transpose()
    }

    fn since<D: Document>(&self, key: &Key, seen: &Seen) -> Result<Option<Found<D>>, Error> {
        let found = self.one::<D>(key)?;
        found.as_ref().map_or(Ok(()), |found| self.not_older(found, seen))?;
        Ok(found)
    }

    fn held<D: Document>(&self, key: &Key, managed_by: &str) -> Result<Option<Found<D>>, Error> {
        let found = self.one::<D>(key)?;
        if let Some(Found { document, .. }) = &found
            && document.managed_by() != managed_by
        {
            let managed_by = document.managed_by().to_owned();
            return Err(Error::OtherManager { path: self.file::<D>(key), managed_by });
        }
        Ok(found)
    }

    fn all<D: Document>(&self) -> Result<BTreeMap<Key, Found<D>>, Error> {
        if let Some(name) = self.backend.strays()?.first() {
            return Err(Error::Stray { path: self.backend.locate(name) });
        }
        let mut found = BTreeMap::new();
        for Entry { name, thing } in self.backend.list(D::FOLDER)? {
            let path = || {
                let name = name.to_string_lossy();
                self.backend.locate(&format!("{}/{name}", D::FOLDER))
            };
            if let Some(thing) = thing {
                return Err(Error::Thing { path: path(), thing });
            }
            let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(".yaml")) else {
                return Err(Error::Foreign { path: path() });
            };
            if D::leaves_alone(stem) {
                continue;
            }
            let key = Key::new(stem).map_err(|source| Error::Name { path: path(), source })?;
            if let Some(document) = self.one(&key)? {
                found.insert(key, document);
            }
        }
        Ok(found)
    }

    fn sha256<D: Document>(&self, document: &D, seen: &Seen) -> Result<String, Error> {
        let found = self.one::<D>(document.key())?;
        Ok(self.version(document, found.as_ref(), seen)?.sha256)
    }

    fn text<D: Document>(&self, document: &D, beside: &Beside) -> Result<String, Error> {
        document
            .to_yaml(beside)
            .map_err(|source| Error::Encode { path: self.file::<D>(document.key()), source })
    }

    fn put<D: Document>(&self, document: &D, seen: &Seen) -> Result<(String, Seen), Error> {
        let written = self.write(document, seen)?;
        locked(&self.known.asserted).insert(relative::<D>(document.key()));
        Ok(written)
    }

    fn write<D: Document>(&self, document: &D, seen: &Seen) -> Result<(String, Seen), Error> {
        let found = self.held::<D>(document.key(), document.managed_by())?;
        found.as_ref().map_or(Ok(()), |found| self.not_older(found, seen))?;
        let Version { serial, sha256, text } = self.version(document, found.as_ref(), seen)?;
        // What is written in the place of a file that is missed proves nothing about the store.
        let missed = match own::misses(found.as_ref(), seen) {
            true => Some(seen.serial),
            false => seen.missed,
        };
        if let Some(text) = text {
            let name = relative::<D>(document.key());
            let expected = expected(found.as_ref());
            self.known
                .touched
                .touch(&name, || self.backend.put(&name, text.as_bytes(), &expected))?;
        }
        Ok((sha256.clone(), Seen { serial, sha256: Some(sha256), missed }))
    }

    fn delete<D: Document>(&self, key: &Key, managed_by: &str) -> Result<Removal, Error> {
        let name = relative::<D>(key);
        if locked(&self.known.asserted).contains(&name) {
            return Ok(Removal::AssertedInThisRun);
        }
        let Some(found) = self.one::<D>(key)? else {
            return Ok(Removal::Missing);
        };
        if found.document.managed_by() != managed_by {
            return Ok(Removal::OtherManager(found.document.managed_by().to_owned()));
        }
        let expected = expected(Some(&found));
        let is_removed =
            self.known.touched.touch(&name, || self.backend.remove(&name, &expected))?;
        Ok(if is_removed { Removal::Removed } else { Removal::Missing })
    }
}

/// What a writer that has found this expects to write over.
fn expected<D>(found: Option<&Found<D>>) -> Expected {
    found.map_or(Expected::Nothing, |found| Expected::Sha256(found.sha256.clone()))
}

/// A file's name in the store.
fn relative<D: Document>(key: &Key) -> String {
    format!("{}/{key}.yaml", D::FOLDER)
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parse<D: Document>(path: &Path, key: &Key, bytes: &[u8]) -> Result<Found<D>, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|source| Error::NotText { path: path.to_owned(), source })?;
    let (document, beside) =
        D::from_yaml(text).map_err(|source| Error::NotOurs { path: path.to_owned(), source })?;
    if document.key() != key {
        return Err(Error::Misplaced {
            path: path.to_owned(),
            says: document.key().as_str().to_owned(),
        });
    }
    let is_as_written = form::is_as_written(text, document.serial());
    Ok(Found { document, sha256: sha256_hex(bytes), is_as_written, beside })
}

#[cfg(test)]
pub(crate) mod tests;
