//! Emitted files on disk. A relative path is relative to the working directory of the CLI.
//!
//! A file is written whole or not at all, and only where there is none or one of ours; it is
//! removed only while it is as we wrote it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fleet_artifacts::argocd;
use fleet_artifacts::digest::sha256_hex;
use fleet_artifacts::targets::{Owner, Target};
use fleet_model::name::Key;

use super::artifacts::{self, Artifact, Kind};
use crate::inventory::write::{self, Over};

/// What this process wrote, shared by every placement of it.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// In which run, and by which object, a path was written last.
    written: Mutex<BTreeMap<String, (u64, String)>>,
    /// What the manifests of others in a directory say, read once in each run.
    foreign: Mutex<BTreeMap<(u64, String), Arc<Foreign>>>,
}

/// The manifests of other managers in a directory, by the Argo CD and the names of their Applications.
pub(super) type Foreign = BTreeMap<(String, String), Owner>;

/// Who writes: one placement, and what it knows of its earlier writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writer {
    /// What the file has to say about its owner.
    pub(super) owner: Owner,
    /// Tells this object from another of the same key, as `create_before_destroy` makes one.
    pub(super) instance: String,
    /// The run of the provider in which it writes.
    pub(super) run: u64,
    /// SHA-256 of each file as this object wrote it last.
    pub(super) emitted: BTreeMap<String, String>,
}

/// What is found of a placement that the state does not have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    /// Its files.
    pub(super) paths: Vec<String>,
    /// The targets that they name.
    pub(super) targets: Option<BTreeMap<Key, Target>>,
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
}

/// Why a file cannot be read, written or removed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The operating system refuses.
    #[error("`{path}` cannot be {verb}")]
    Io {
        /// The file.
        path: String,
        /// `read`, `written` or `removed`.
        verb: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that is not ours.
    #[error("`{path}` is not a file of this placement")]
    NotOurs {
        /// The file.
        path: String,
        /// Whose it says it is.
        owner: Option<Owner>,
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

/// The manifests in `directory` that are not of `managed_by`. What cannot be read there is none of ours.
fn foreign(directory: &str, managed_by: &str) -> Foreign {
    let mut names = Foreign::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_manifest = path.extension().is_some_and(|extension| extension == "yaml")
            && entry.metadata().is_ok_and(|of| of.is_file() && of.len() < LARGEST);
        let text = is_manifest.then(|| fs::read_to_string(&path).ok()).flatten();
        let Some(emitted) = text.as_deref().and_then(argocd::read) else { continue };
        if emitted.owner.managed_by == managed_by {
            continue;
        }
        for cluster in emitted.targets.keys() {
            let name = argocd::application_name(&emitted.owner.placement, cluster.as_str());
            names.insert((emitted.namespace.clone(), name), emitted.owner.clone());
        }
    }
    names
}

fn read(path: &str) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io { path: path.into(), verb: "read", source }),
    }
}

// === impl Files ===

impl Files {
    /// What other managers' manifests in `directory` say, as it was when it was first asked for in `run`.
    pub(super) fn foreign(&self, run: u64, directory: &str, managed_by: &str) -> Arc<Foreign> {
        let mut known = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || Arc::new(foreign(directory, managed_by));
        Arc::clone(known.entry((run, directory.to_owned())).or_insert_with(read))
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
                found.targets = found.targets.or_else(|| artifacts::targets(*kind, &text));
            }
        }
        found
    }

    /// Whether [`Files::put`] would find a file that is not ours.
    pub(super) fn check(&self, artifact: &Artifact, writer: &Writer) -> Result<Over, Error> {
        let path = &artifact.path;
        let Some(bytes) = read(path)? else { return Ok(Over::Nothing) };
        // As we wrote it, it is ours even if `managed_by` was renamed since.
        if writer.emitted.get(path) == Some(&sha256_hex(&bytes)) {
            return Ok(Over::Ours);
        }
        let owner = str::from_utf8(&bytes).ok().and_then(|text| artifacts::owner(path, text));
        if owner.as_ref() == Some(&writer.owner) {
            Ok(Over::Ours)
        } else {
            Err(Error::NotOurs { path: path.clone(), owner })
        }
    }

    /// Writes the artifact, where there is no file or one of ours.
    pub(super) fn put(&self, artifact: &Artifact, writer: &Writer) -> Result<(), Error> {
        let path = &artifact.path;
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(path).is_some_and(|(run, by)| *run == writer.run && *by != writer.instance) {
            return Err(Error::Twice { path: path.clone() });
        }
        let over = self.check(artifact, writer)?;
        let unchanged = over == Over::Ours && sha256(path)? == Some(artifact.sha256());
        if !unchanged {
            let file = Path::new(path);
            file.parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| write::whole(file, artifact.text.as_bytes(), over))
                .map_err(|source| Error::Io { path: path.clone(), verb: "written", source })?;
        }
        written.insert(path.clone(), (writer.run, writer.instance.clone()));
        Ok(())
    }

    /// Removes a file that `writer` wrote, while it is as it was written.
    pub(super) fn remove(&self, path: &str, writer: &Writer) -> Result<Removal, Error> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(path).is_some_and(|(run, by)| *run == writer.run && *by != writer.instance) {
            return Ok(Removal::WrittenByAnother);
        }
        written.remove(path);
        let Some(found) = sha256(path)? else { return Ok(Removal::Missing) };
        if writer.emitted.get(path) != Some(&found) {
            return Ok(Removal::Changed);
        }
        fs::remove_file(path).map_err(|source| Error::Io {
            path: path.into(),
            verb: "removed",
            source,
        })?;
        Ok(Removal::Removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(instance: &str) -> Writer {
        Writer {
            owner: Owner { managed_by: "platform".into(), placement: "app-prod".into() },
            instance: instance.into(),
            run: 1,
            emitted: BTreeMap::new(),
        }
    }

    fn artifact(directory: &Path, role: &str) -> Artifact {
        let text = format!(
            "{{\"managed_by\": \"platform\", \"placement\": \"app-prod\", \"role\": \"{role}\"}}\n"
        );
        let path = directory.join("new/targets/app-prod.json").to_str().unwrap().to_owned();
        Artifact { path, is_file: true, gvk: None, text }
    }

    #[test]
    fn writes_where_there_is_none_and_over_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::default();
        let (first, second) = (artifact(directory.path(), "a"), artifact(directory.path(), "b"));
        files.put(&first, &writer("1")).unwrap();
        files.put(&second, &writer("1")).unwrap();
        assert_eq!(sha256(&second.path).unwrap(), Some(second.sha256()));
    }

    #[test]
    fn a_file_of_somebody_else_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let ours = artifact(directory.path(), "a");
        fs::create_dir_all(Path::new(&ours.path).parent().unwrap()).unwrap();
        let others = [
            "by hand".to_owned(),
            ours.text.replace("platform", "another"),
            ours.text.replace("app-prod", "other-prod"),
        ];
        for text in others {
            fs::write(&ours.path, &text).unwrap();
            let error = Files::default().put(&ours, &writer("1")).unwrap_err();
            assert!(matches!(error, Error::NotOurs { .. }), "{text}");
            assert_eq!(fs::read_to_string(&ours.path).unwrap(), text);
        }
        // What we wrote ourselves stays ours when `managed_by` is renamed.
        fs::write(&ours.path, ours.text.replace("platform", "before")).unwrap();
        let mut renamed = writer("1");
        renamed.emitted.insert(ours.path.clone(), sha256(&ours.path).unwrap().unwrap());
        Files::default().put(&ours, &renamed).unwrap();
        assert_eq!(sha256(&ours.path).unwrap(), Some(ours.sha256()));
    }

    #[test]
    fn two_objects_of_one_key_in_one_run() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::default();
        let artifact = artifact(directory.path(), "a");
        let mut old = writer("old");
        old.emitted.insert(artifact.path.clone(), artifact.sha256());
        files.put(&artifact, &writer("new")).unwrap();
        // The destroy of the one that is replaced leaves what its successor wrote.
        assert_eq!(files.remove(&artifact.path, &old).unwrap(), Removal::WrittenByAnother);
        assert!(matches!(files.put(&artifact, &writer("third")), Err(Error::Twice { .. })));
        // What another run of the same process wrote is a file like any other.
        files.put(&artifact, &Writer { run: 2, ..writer("third") }).unwrap();
        assert_eq!(sha256(&artifact.path).unwrap(), Some(artifact.sha256()));
    }

    #[test]
    fn removes_only_what_is_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let artifact = artifact(directory.path(), "a");
        let mut writer = writer("1");
        assert_eq!(Files::default().remove(&artifact.path, &writer).unwrap(), Removal::Missing);
        Files::default().put(&artifact, &writer).unwrap();
        writer.emitted.insert(artifact.path.clone(), artifact.sha256());
        fs::write(&artifact.path, artifact.text.replace("\"a\"", "\"by hand\"")).unwrap();
        assert_eq!(Files::default().remove(&artifact.path, &writer).unwrap(), Removal::Changed);
        fs::write(&artifact.path, &artifact.text).unwrap();
        assert_eq!(Files::default().remove(&artifact.path, &writer).unwrap(), Removal::Removed);
        assert_eq!(sha256(&artifact.path).unwrap(), None);
    }
}
