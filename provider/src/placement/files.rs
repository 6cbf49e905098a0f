//! Emitted files on disk. A relative path is relative to the working directory of the CLI.
//!
//! A file is written whole or not at all, and only where there is none or one of ours; it is
//! removed only while it is as we wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fleet_artifacts::digest::sha256_hex;
use fleet_artifacts::targets::{Owner, Target};
use fleet_model::name::Key;

use super::artifacts::{self, Artifact, Kind};
use super::manifests::Manifests;
use crate::inventory::file;
use crate::inventory::file::write::{self, Over};

/// What this process wrote, shared by every placement of it.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// By which object a path was written last.
    written: Mutex<BTreeMap<String, String>>,
    /// What the manifests around a directory say, as they were when they were first asked for.
    manifests: Mutex<BTreeMap<String, Arc<Manifests>>>,
    /// The directories of which it was told what cannot be read around them.
    told: Mutex<BTreeSet<String>>,
}

/// Who writes: one placement, and what it knows of its earlier writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writer {
    /// What the file has to say about its owner.
    pub(super) owner: Owner,
    /// Tells this object from another of the same key, as `create_before_destroy` makes one.
    pub(super) instance: String,
    /// SHA-256 of each file as this object wrote it last.
    pub(super) emitted: BTreeMap<String, String>,
    /// Which of the objects of its key it is.
    pub(super) generation: u64,
}

/// What is found of a placement that the state does not have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    /// Its files.
    pub(super) paths: Vec<String>,
    /// The targets that they name.
    pub(super) targets: Option<BTreeMap<Key, Target>>,
    /// The latest generation that they say.
    pub(super) generation: Option<u64>,
}

/// How a removal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removal {
    /// The file is gone.
    Removed,
    /// There was none.
    Missing,
    /// Somebody changed it, so it stays.
    Changed,
    /// Another placement wrote it in this run, so it stays.
    WrittenByAnother,
    /// A later object of the same key has taken it up, so it stays.
    TakenUp,
}

/// Why a file cannot be read, written or removed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// It is no file that is read, or the operating system refuses.
    #[error("`{path}` cannot be read")]
    Read {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: file::Unreadable,
    },
    /// The operating system refuses.
    #[error("`{path}` cannot be {verb}")]
    Write {
        /// The file.
        path: String,
        /// `written` or `removed`.
        verb: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The operating system makes no directory for it.
    #[error("the directory of `{path}` cannot be made")]
    Folder {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that would be the same one on other systems.
    #[error("`{path}` would lie beside `{other}`")]
    Alike {
        /// The file.
        path: String,
        /// The name of the one that is there.
        other: String,
    },
    /// A file that is not ours.
    #[error("`{path}` is not a file of this placement")]
    NotOurs {
        /// The file.
        path: String,
        /// Whose it says it is.
        owner: Option<Owner>,
    },
    /// A later object of the same key has taken it up.
    #[error("`{path}` is of a later object of this placement's key")]
    Later {
        /// The file.
        path: String,
    },
    /// Another placement wrote it in this run.
    #[error("`{path}` was written by another placement in this run")]
    Twice {
        /// The file.
        path: String,
    },
}

/// SHA-256 of the file at `path`, `None` when there is none.
pub(super) fn sha256(path: &str) -> Result<Option<String>, Error> {
    Ok(read(path)?.map(|bytes| sha256_hex(&bytes)))
}

/// What is read of a file in one go: ours are far smaller, and what is not has nothing to say to us.
const LARGEST: u64 = 16 << 20;

/// A file of a placement is as much as an inventory's: regular, bounded, and no link.
fn read(path: &str) -> Result<Option<Vec<u8>>, Error> {
    let unreadable = |source| Error::Read { path: path.into(), source };
    file::read(Path::new(path), LARGEST).map_err(unreadable)
}

/// Another file in the directory whose name differs from this one's in case alone: on many systems they are
/// one file.
fn alike(path: &str) -> Option<String> {
    let path = Path::new(path);
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut alike = names.filter(|other| other != name && other.to_lowercase() == name);
    alike.next()
}

// === impl Files ===

impl Files {
    /// What manifests in and around `directory` say, as it was when it was first asked for.
    pub(super) fn manifests(&self, directory: &str) -> Arc<Manifests> {
        let mut known = self.manifests.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || Arc::new(Manifests::around(Path::new(directory)));
        Arc::clone(known.entry(directory.to_owned()).or_insert_with(read))
    }

    /// Whether it is still to be told what cannot be read around `directory`: once is enough for a run.
    pub(super) fn tells_unread(&self, directory: &str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(directory.to_owned())
    }

    /// The files of a new placement that are there already and say that they are its own, with the targets
    /// that the first of them names.
    pub(super) fn found(files: &[(Kind, String)], owner: &Owner) -> Found {
        let mut found = Found::default();
        for (kind, path) in files {
            let text = match read(path) {
                Ok(Some(bytes)) => String::from_utf8(bytes).unwrap_or_default(),
                Ok(None) | Err(_) => continue,
            };
            if artifacts::owner(path, &text).as_ref() == Some(owner) {
                found.paths.push(path.clone());
                found.generation = found.generation.max(Some(artifacts::generation(path, &text)));
                found.targets = found.targets.or_else(|| artifacts::targets(*kind, &text));
            }
        }
        found
    }

    /// Whether [`Files::put`] would find a file that is not ours.
    pub(super) fn check(&self, artifact: &Artifact, writer: &Writer) -> Result<Over, Error> {
        let path = &artifact.path;
        if let Some(other) = alike(path) {
            return Err(Error::Alike { path: path.clone(), other });
        }
        let Some(bytes) = read(path)? else { return Ok(Over::Nothing) };
        // As we wrote it, it is ours even if `managed_by` was renamed since.
        if writer.emitted.get(path) == Some(&sha256_hex(&bytes)) {
            return Ok(Over::Ours);
        }
        let text = str::from_utf8(&bytes).ok();
        let owner = text.and_then(|text| artifacts::owner(path, text));
        let generation = text.map(|text| artifacts::generation(path, text));
        if owner.as_ref() == Some(&writer.owner) && generation > Some(writer.generation) {
            Err(Error::Later { path: path.clone() })
        } else if owner.as_ref() == Some(&writer.owner) {
            Ok(Over::Ours)
        } else {
            Err(Error::NotOurs { path: path.clone(), owner })
        }
    }

    /// Writes the artifact, where there is no file or one of ours.
    pub(super) fn put(&self, artifact: &Artifact, writer: &Writer) -> Result<(), Error> {
        let path = &artifact.path;
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(path).is_some_and(|by| *by != writer.instance) {
            return Err(Error::Twice { path: path.clone() });
        }
        let over = self.check(artifact, writer)?;
        let unchanged = over == Over::Ours && sha256(path)? == Some(artifact.sha256());
        if !unchanged {
            let file = Path::new(path);
            write::folders(file).map_err(|source| Error::Folder { path: path.clone(), source })?;
            write::whole(file, artifact.text.as_bytes(), over).map_err(|source| Error::Write {
                path: path.clone(),
                verb: "written",
                source,
            })?;
        }
        written.insert(path.clone(), writer.instance.clone());
        Ok(())
    }

    /// Removes a file that `writer` wrote, while it is as it was written.
    pub(super) fn remove(&self, path: &str, writer: &Writer) -> Result<Removal, Error> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(path).is_some_and(|by| *by != writer.instance) {
            return Ok(Removal::WrittenByAnother);
        }
        written.remove(path);
        let Some(found) = read(path)? else { return Ok(Removal::Missing) };
        if writer.emitted.get(path) != Some(&sha256_hex(&found)) {
            let text = String::from_utf8(found).unwrap_or_default();
            let owner = artifacts::owner(path, &text);
            let is_ours = owner.is_some_and(|of| of.placement == writer.owner.placement);
            let is_later = is_ours && artifacts::generation(path, &text) > writer.generation;
            return Ok(if is_later { Removal::TakenUp } else { Removal::Changed });
        }
        let refused = |source| Error::Write { path: path.into(), verb: "removed", source };
        write::remove(Path::new(path)).map_err(refused)?;
        Ok(Removal::Removed)
    }
}

#[cfg(test)]
mod tests;
