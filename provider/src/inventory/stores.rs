//! The stores that one run has opened: two spellings of one directory are one inventory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Error, Known, Store, locked};

/// Every store of a run. Whoever opens one here shares what the run knows of the directory: what it wrote
/// itself, and which accounts are not what their files say.
#[derive(Debug, Default)]
pub struct Stores(Mutex<Opened>);

#[derive(Debug, Default)]
struct Opened {
    /// By the path as it was given, since a snapshot and diagnostics show it.
    stores: BTreeMap<PathBuf, Arc<Store>>,
    /// By the one path that the directory has.
    known: BTreeMap<PathBuf, Arc<Known>>,
}

// === impl Stores ===

impl Stores {
    /// The store at this path, opened once.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(&self, path: &Path) -> Result<Arc<Store>, Error> {
        let mut opened = locked(&self.0);
        if let Some(store) = opened.stores.get(path) {
            return Ok(Arc::clone(store));
        }
        let only = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let known = opened.known.entry(only).or_default();
        let store = Arc::new(Store::sharing(path.to_owned(), Arc::clone(known))?);
        opened.stores.insert(path.to_owned(), Arc::clone(&store));
        Ok(store)
    }
}
