//! Places that a store can be in.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::document::FOLDERS;
use crate::error::Error;
use crate::file::Thing;

pub mod directory;
pub mod git;

use directory::freshness::{Doubt, Freshness, Upstream};

/// The most bytes that a file of the inventory has: far more than any that we write.
const LONGEST: u64 = 1 << 20;

/// A place that keeps the files of a store. Their names in it are `FOLDER/FILE`, with `/` everywhere.
///
/// Each call waits for its end: see the crate's own words.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Where it is, as it was configured.
    fn location(&self) -> &Path;

    /// A file or a folder of it, for messages.
    fn locate(&self, name: &str) -> PathBuf {
        self.location().join(name)
    }

    /// The one name that the place has, however it was written.
    fn only(&self) -> PathBuf;

    /// Whether the store is there at all.
    ///
    /// # Errors
    /// It is not: a store that is missing is never an empty fleet.
    fn check(&self) -> Result<(), Error>;

    /// What is in a folder, but for names that begin with a dot. Nothing, where a store that is there has no such folder.
    ///
    /// # Errors
    /// There is no store, or its folder is none or cannot be read.
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error>;

    /// The names of what lies beside the store's folders and looks like a part of it, by [`is_like_a_folder`] and
    /// [`is_like_a_document`].
    ///
    /// # Errors
    /// As [`Backend::list`].
    fn strays(&self) -> Result<Vec<String>, Error>;

    /// The bytes of a file, `None` when there is none.
    ///
    /// # Errors
    /// As [`Backend::list`], or the file cannot be read, is no regular one, or has more bytes than any that we write.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Writes a file whole; when this returns, it is kept.
    ///
    /// # Errors
    /// It cannot be written, or is not what was expected any more; then it is as it was.
    fn put(&self, name: &str, bytes: &[u8], expected: &Expected) -> Result<(), Error>;

    /// Removes a file, for good. Whether there was one.
    ///
    /// # Errors
    /// As [`Backend::put`].
    fn remove(&self, name: &str, expected: &Expected) -> Result<bool, Error>;

    /// A digest that is another one when anything in these folders is: cheap beside reading them.
    ///
    /// # Errors
    /// As [`Backend::list`].
    fn version(&self, folders: &[&str]) -> Result<String, Error>;

    /// Whether what is read here is known to be all there is. `touched`: what this run wrote itself.
    ///
    /// # Errors
    /// Why it is not.
    fn is_current(
        &self,
        freshness: Freshness,
        upstream: Upstream<'_>,
        touched: &Touched,
    ) -> Result<(), Doubt>;
}

/// Whether a name is one of the store's folders as somebody misspells it: files in there would never be read.
fn is_like_a_folder(name: &str) -> bool {
    let lower = name.to_lowercase();
    !FOLDERS.contains(&name)
        && FOLDERS.iter().any(|folder| folder.trim_end_matches('s') == lower.trim_end_matches('s'))
}

/// Whether a file beside the folders can be a document, by its name: then its text is looked at.
fn is_like_a_document(name: &str) -> bool {
    let name = name.to_lowercase();
    !name.starts_with('.') && [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
}

/// What is in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name there.
    pub name: OsString,
    /// What it is, if it is no regular file.
    pub thing: Option<Thing>,
}

/// What the writer of a file has seen in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// No file.
    Nothing,
    /// The file whose bytes have this SHA-256, in lower-case hex.
    Sha256(String),
}

/// The names of what a run wrote or deleted in a store, or is about to.
#[derive(Debug, Default)]
pub struct Touched(Mutex<BTreeSet<String>>);

// === impl Touched ===

impl Touched {
    /// Changes a file. It counts as touched before it is, so that whoever compares the store with what is
    /// committed meanwhile does not take the change for somebody else's.
    ///
    /// # Errors
    /// Those of the change.
    pub fn touch<T, E>(&self, name: &str, change: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let names = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = names().insert(name.to_owned());
        change().inspect_err(|_| {
            if is_new {
                names().remove(name);
            }
        })
    }

    /// All of them.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
