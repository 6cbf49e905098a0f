//! The stores that one run has opened: two spellings of one directory are one inventory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Known, Store, locked};
use crate::backend::Backend;
use crate::backend::directory::Directory;
use crate::backend::git::{Author, Branch};
use crate::error::Error;
use crate::git::Trouble;
use crate::location::Location;

/// Every store of a run. Whoever opens one here shares what the run knows of the directory: what it wrote
/// itself, and which accounts are not what their files say.
#[derive(Debug, Default)]
pub struct Stores {
    opened: Mutex<Opened>,
    author: Author,
    /// Where copies of repositories are kept; `None`: where the user's caches are.
    cache: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct Opened {
    /// By the path as it was given, since a snapshot and diagnostics show it.
    stores: BTreeMap<PathBuf, Arc<Store>>,
    /// By the one name that the place has.
    known: BTreeMap<PathBuf, Arc<Known>>,
    /// What came of asking repositories that could not be opened: they are asked once.
    failed: BTreeMap<PathBuf, Arc<Trouble>>,
}

// === impl Stores ===

impl Stores {
    /// Stores that are written to by this author, where they are kept in a repository.
    #[must_use]
    pub fn of(author: Author) -> Self {
        Self { author, ..Self::default() }
    }

    #[cfg(test)]
    pub(crate) fn in_cache(cache: PathBuf) -> Self {
        Self { cache: Some(cache), ..Self::default() }
    }

    /// The store at this path, opened once. A repository that could not be opened is not asked again.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(&self, path: &Path) -> Result<Arc<Store>, Error> {
        let mut opened = locked(&self.opened);
        if let Some(store) = opened.stores.get(path) {
            return Ok(Arc::clone(store));
        }
        if let Some(trouble) = opened.failed.get(path) {
            return Err(Error::Git(Arc::clone(trouble)));
        }
        let backend = self.backend(path).inspect_err(|error| {
            if let Error::Git(trouble) = error {
                opened.failed.insert(path.to_owned(), Arc::clone(trouble));
            }
        })?;
        let known = opened.known.entry(backend.only()).or_default();
        let store = Arc::new(Store::sharing(backend, Arc::clone(known)));
        opened.stores.insert(path.to_owned(), Arc::clone(&store));
        Ok(store)
    }

    fn backend(&self, path: &Path) -> Result<Arc<dyn Backend>, Error> {
        Ok(match Location::parse(path) {
            Location::Directory(path) => Arc::new(Directory::open(path)?),
            Location::Git(repository) => {
                let cache = self
                    .cache
                    .clone()
                    .map_or_else(cache, Ok)
                    .map_err(|source| Error::Write { path: std::env::temp_dir(), source })?;
                Arc::new(Branch::open(repository, self.author.clone(), &cache)?)
            }
        })
    }
}

/// Where the user's caches are. Where the user has none, a new directory: in one that others can write, somebody else could
/// have made a repository whose configuration names programs.
fn cache() -> io::Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|at| at.is_absolute());
    let home = || set("HOME").map(|home| home.join(".cache"));
    let above = set("XDG_CACHE_HOME").or_else(|| set("LOCALAPPDATA")).or_else(home);
    match above {
        Some(above) => Ok(above.join("terraform-provider-fleet").join("inventory")),
        None => Ok(tempfile::Builder::new().prefix("fleet-inventory-").tempdir()?.keep()),
    }
}
