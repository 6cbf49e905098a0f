//! A store in a directory of this machine, usually in a Git working tree.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use fleet_artifacts::digest::sha256_hex;

use super::{Backend, Entry, Expected, Touched, is_like_a_document, is_like_a_folder};
use crate::document::form;
use crate::error::Error;
use crate::file::{self, write};

pub mod freshness;

use freshness::{Compared, Doubt, Freshness, Upstream};

/// A directory, by one spelling of its path.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// The one at `path`, relative to the working directory of the CLI.
    ///
    /// # Errors
    /// [`Error::NoDirectory`]: a missing directory is never an empty fleet.
    pub fn open(path: PathBuf) -> Result<Self, Error> {
        let directory = Self { path };
        directory.check()?;
        Ok(directory)
    }

    /// A folder of the store, `None` when there is none in it.
    fn folder(&self, folder: &str) -> Result<Option<PathBuf>, Error> {
        let path = self.path.join(folder);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => Ok(Some(path)),
            Ok(found) if found.is_symlink() => Err(Error::Thing { path, thing: file::Thing::Link }),
            Ok(_) => Err(Error::Foreign { path }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                // "No folder" only means "no such object" where there is a store at all.
                self.check().map(|()| None)
            }
            Err(source) => Err(Error::Read { path, source }),
        }
    }
}

impl Backend for Directory {
    fn location(&self) -> &Path {
        &self.path
    }

    fn only(&self) -> PathBuf {
        fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    fn check(&self) -> Result<(), Error> {
        match fs::metadata(&self.path) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(Error::NoDirectory { path: self.path.clone() }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                Err(Error::NoDirectory { path: self.path.clone() })
            }
            Err(source) => Err(Error::Read { path: self.path.clone(), source }),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let Some(folder) = self.folder(folder)? else { return Ok(Vec::new()) };
        let read = |source| Error::Read { path: folder.clone(), source };
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).map_err(read)? {
            let entry = entry.map_err(read)?;
            let name = entry.file_name();
            // `.gitkeep`, an editor's or our own temporary file.
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let thing = file::thing(entry.file_type().map_err(read)?);
            found.push(Entry { name, thing });
        }
        Ok(found)
    }

    fn strays(&self) -> Result<Vec<String>, Error> {
        self.check()?;
        let read = |source| Error::Read { path: self.path.clone(), source };
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(read)? {
            let entry = entry.map_err(read)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(read)?;
            let is_stray = if kind.is_file() {
                // What cannot be read here is nobody's document: the store does not live by it.
                let bytes = is_like_a_document(&name)
                    .then(|| file::read(&entry.path(), super::LONGEST).ok().flatten())
                    .flatten();
                bytes.is_some_and(|bytes| form::claims(&bytes))
            } else {
                is_like_a_folder(&name)
            };
            if is_stray {
                found.push(name);
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let folder = name.split_once('/').map_or("", |(folder, _)| folder);
        if self.folder(folder)?.is_none() {
            return Ok(None);
        }
        let path = self.locate(name);
        file::read(&path, super::LONGEST).map_err(|unreadable| match unreadable {
            file::Unreadable::Io(source) => Error::Read { path, source },
            file::Unreadable::Thing(thing) => Error::Thing { path, thing },
            file::Unreadable::Long(most) => Error::Long { path, most },
        })
    }

    fn put(&self, name: &str, bytes: &[u8], expected: &Expected) -> Result<(), Error> {
        self.check()?;
        let over = match expected {
            Expected::Nothing => write::Over::Nothing,
            Expected::Sha256(_) => write::Over::Ours,
        };
        let path = self.locate(name);
        write::whole(&path, bytes, over).map_err(|source| Error::Write { path, source })
    }

    fn remove(&self, name: &str, _expected: &Expected) -> Result<bool, Error> {
        let path = self.locate(name);
        match write::remove(&path) {
            Ok(()) => Ok(true),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(Error::Write { path, source }),
        }
    }

    /// Of what the file system says about every file.
    fn version(&self, folders: &[&str]) -> Result<String, Error> {
        self.check()?;
        let mut lines = Vec::new();
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

    fn is_current(
        &self,
        freshness: Freshness,
        upstream: Upstream<'_>,
        touched: &Touched,
    ) -> Result<(), Doubt> {
        Compared { path: &self.path, touched }.is_current(freshness, upstream)
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
