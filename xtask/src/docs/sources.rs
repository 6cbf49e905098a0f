//! The files that pages are made from besides the schema.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, ensure};

use super::kind::{Example, FUNCTIONS, Kind};

/// The files below the root, and which of them were read: one that no page needs was left behind, or its name is wrong.
pub(super) struct Sources<'a> {
    root: &'a Path,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, read: RefCell::default() }
    }

    /// The text of a file below the root, without white space at its end; `None` when there is none.
    pub(super) fn read(&self, path: &str) -> anyhow::Result<Option<String>> {
        match fs::read_to_string(self.root.join(path)) {
            Ok(text) => {
                self.read.borrow_mut().insert(path.to_owned());
                Ok(Some(text.trim_end().to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("reading {path}")),
        }
    }

    /// The texts of the examples in a folder, in the order of their names. Every page shows its object in use: no
    /// example is an error.
    pub(super) fn examples(&self, folder: &str, example: Example) -> anyhow::Result<Vec<String>> {
        let Example { stem, extension } = example;
        let mut texts = Vec::new();
        for path in files(&self.root.join(folder))? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(stem) && name.ends_with(extension) {
                texts.extend(self.read(&format!("{folder}/{name}"))?);
            }
        }
        ensure!(!texts.is_empty(), "there is no example {folder}/{stem}{extension}");
        Ok(texts)
    }

    /// Fails when a template, or a file in an example's folder, was not read by any page.
    pub(super) fn check_all_read(&self) -> anyhow::Result<()> {
        let examples = Kind::ALL.map(Kind::folder).into_iter().chain([FUNCTIONS, "provider"]);
        let folders = examples.map(|folder| format!("examples/{folder}"));
        let mut unread = Vec::new();
        for folder in folders.chain(["templates".to_owned()]) {
            for path in files_below(&self.root.join(folder))? {
                let path = path.strip_prefix(self.root).unwrap_or(&path).display().to_string();
                if !self.read.borrow().contains(&path) {
                    unread.push(path);
                }
            }
        }
        ensure!(unread.is_empty(), "no page is made from: {}", unread.join(", "));
        Ok(())
    }
}

/// The entries of a folder in the order of their names; none when it does not exist.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("reading {}", folder.display())),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The files of a folder and of all folders in it.
pub(super) fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in files(folder)? {
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
