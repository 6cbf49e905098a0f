//! The stores that one run has opened: two spellings of one directory are one inventory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Known, Store, locked};
use crate::backend::Backend as _;
use crate::backend::directory::Directory;
use crate::error::Error;

/// Every store of a run. Whoever opens one here shares what the run knows of the directory: what it wrote
/// itself, and which accounts are not what their files say.
#[derive(Debug, Default)]
pub struct Stores(Mutex<Opened>);

#[derive(Debug, Default)]
struct Opened {
    /// By the path as it was given, since a snapshot and diagnostics show it.
    stores: BTreeMap<PathBuf, Arc<Store>>,
    /// By the one name that the place has.
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
        let backend = Arc::new(Directory::open(path.to_owned())?);
        let known = opened.known.entry(backend.only()).or_default();
        let store = Arc::new(Store::sharing(backend, Arc::clone(known)));
        opened.stores.insert(path.to_owned(), Arc::clone(&store));
        Ok(store)
    }
}
