//! What the store has in a commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleet_artifacts::digest::sha256_hex;

use super::{Change, LONGEST};
use crate::backend::{is_like_a_document, is_like_a_folder};
use crate::document::form;
use crate::file::Thing;
use crate::git::{Bare, Failure};
use crate::location::Repository;

/// The store in a commit.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// The commit.
    pub(super) commit: String,
    folders: BTreeMap<String, Arc<Folder>>,
    /// What lies beside them, and looks like a part of the store.
    pub(super) strays: Arc<[String]>,
}

/// One of its folders.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    files: BTreeMap<String, File>,
    /// What lies in the place of the folder.
    pub(super) thing: Option<Thing>,
    /// Another text when anything in it is.
    pub(super) version: String,
}

/// What is in a folder.
#[derive(Debug, Clone)]
pub(super) enum File {
    /// A file, with its SHA-256.
    Text(Arc<[u8]>, String),
    /// A file of more bytes than any of ours.
    Long,
    /// No regular file.
    Thing(Thing),
}

/// A line of `git ls-tree`.
struct Line {
    is_file: bool,
    thing: Option<Thing>,
    object: String,
    length: u64,
    name: String,
}

impl Head {
    /// Reads the folders of a commit. What `before` has of them is not read again.
    ///
    /// # Errors
    /// Git does not answer. `None`: the commit does not have the store's own folder.
    pub(super) fn read(
        bare: &Bare,
        repository: &Repository,
        commit: &str,
        folders: &[&str],
    ) -> Result<Option<Self>, Failure> {
        if !repository.folder().is_empty() {
            let asked = ["ls-tree", "-d", "-z", "--full-tree", commit, "--", repository.folder()];
            if bare.ask(&asked, None)?.is_empty() {
                return Ok(None);
            }
        }
        let places: Vec<String> = folders.iter().map(|folder| repository.named(folder)).collect();
        let mut asked = vec!["ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--"];
        asked.extend(places.iter().map(String::as_str));
        let said = bare.ask(&asked, None)?;
        let text = String::from_utf8_lossy(&said);
        let mut lines = Vec::new();
        for line in text.split('\0').filter(|line| !line.is_empty()) {
            lines.push(Line::parse(line, repository).ok_or_else(unexpected)?);
        }
        let read = lines.iter().filter(|line| line.is_file && line.length <= LONGEST);
        let objects: Vec<&str> = read.map(|line| line.object.as_str()).collect();
        let mut texts = contents(bare, &objects)?.into_iter();
        let mut found: BTreeMap<String, Folder> = BTreeMap::new();
        for line in lines {
            let Line { is_file, thing, length, name, .. } = line;
            let file = match thing {
                Some(thing) => File::Thing(thing),
                None if is_file && length > LONGEST => File::Long,
                None => {
                    let text = texts.next().ok_or_else(unexpected)?;
                    let sha256 = sha256_hex(&text);
                    File::Text(text.into(), sha256)
                }
            };
            match name.split_once('/') {
                Some((folder, name)) => {
                    let files = &mut found.entry(folder.to_owned()).or_default().files;
                    match name.split_once('/') {
                        Some((inner, _)) => {
                            files.insert(inner.to_owned(), File::Thing(Thing::Directory))
                        }
                        None => files.insert(name.to_owned(), file),
                    };
                }
                None => {
                    let thing = match file {
                        File::Thing(thing) => thing,
                        _ => Thing::Special,
                    };
                    found.insert(name, Folder { thing: Some(thing), ..Folder::default() });
                }
            }
        }
        let folders = found.into_iter().map(|(name, folder)| (name, Arc::new(folder.numbered())));
        let strays = strays(bare, repository, commit)?.into();
        Ok(Some(Self { commit: commit.to_owned(), folders: folders.collect(), strays }))
    }

    /// Whether there is no file of the store's in it.
    pub(super) fn is_empty(&self) -> bool {
        self.folders.values().all(|folder| folder.thing.is_none() && folder.files.is_empty())
    }

    /// A folder, if it has anything in it.
    pub(super) fn folder(&self, folder: &str) -> Option<&Folder> {
        self.folders.get(folder).map(|folder| &**folder)
    }

    /// What is at a name.
    pub(super) fn file(&self, name: &str) -> Option<&File> {
        let (folder, name) = name.split_once('/')?;
        self.folders.get(folder)?.files.get(name)
    }

    /// As it is after a change, by the commit of before.
    pub(super) fn with(&self, change: &Change) -> Self {
        let mut changed = self.clone();
        if let Some((folder, name)) = change.name.split_once('/') {
            let mut inside = self.folder(folder).cloned().unwrap_or_default();
            match &change.bytes {
                Some(bytes) => {
                    let text = File::Text(Arc::clone(bytes), sha256_hex(bytes));
                    inside.files.insert(name.to_owned(), text);
                }
                None => {
                    inside.files.remove(name);
                }
            }
            changed.folders.insert(folder.to_owned(), Arc::new(inside.numbered()));
        }
        changed
    }
}

impl Folder {
    /// What is in it, by name.
    pub(super) fn files(&self) -> impl Iterator<Item = (&String, &File)> {
        self.files.iter()
    }

    fn numbered(mut self) -> Self {
        let mut lines = format!("{:?}\n", self.thing);
        for (name, file) in &self.files {
            match file {
                File::Text(_, sha256) => lines.extend([sha256, " ", name, "\n"]),
                File::Long => lines.extend(["long ", name, "\n"]),
                File::Thing(thing) => lines.push_str(&format!("{thing} {name}\n")),
            }
        }
        self.version = sha256_hex(lines.as_bytes());
        self
    }
}

impl Line {
    /// `MODE TYPE OBJECT LENGTH\tNAME`.
    fn parse(line: &str, repository: &Repository) -> Option<Self> {
        let (about, name) = line.split_once('\t')?;
        let mut parts = about.split_ascii_whitespace();
        let (mode, _, object, length) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let name = match repository.folder() {
            "" => name,
            folder => name.strip_prefix(folder)?.strip_prefix('/')?,
        };
        let thing = match mode {
            "100644" | "100755" | "100664" => None,
            "120000" => Some(Thing::Link),
            // A submodule.
            "160000" => Some(Thing::Directory),
            _ => Some(Thing::Special),
        };
        Some(Self {
            is_file: thing.is_none(),
            thing,
            object: object.to_owned(),
            length: length.parse().unwrap_or_default(),
            name: name.to_owned(),
        })
    }
}

/// The names in the store's own folder that look like a part of it.
fn strays(bare: &Bare, repository: &Repository, commit: &str) -> Result<Vec<String>, Failure> {
    let place = format!("{}/", repository.folder());
    let mut asked = vec!["ls-tree", "-l", "-z", "--full-tree", commit];
    if !repository.folder().is_empty() {
        asked.extend(["--", place.as_str()]);
    }
    let said = bare.ask(&asked, None)?;
    let text = String::from_utf8_lossy(&said);
    let lines = text.split('\0').filter_map(|line| Line::parse(line, repository));
    let (files, others): (Vec<Line>, Vec<Line>) = lines.partition(|line| line.is_file);
    let mut found: Vec<String> =
        others.into_iter().map(|line| line.name).filter(|name| is_like_a_folder(name)).collect();
    let is_read = |line: &Line| is_like_a_document(&line.name) && line.length <= LONGEST;
    let files: Vec<Line> = files.into_iter().filter(is_read).collect();
    let objects: Vec<&str> = files.iter().map(|line| line.object.as_str()).collect();
    let texts = contents(bare, &objects)?;
    let claiming = files.iter().zip(texts).filter(|(_, text)| form::claims(text));
    found.extend(claiming.map(|(line, _)| line.name.clone()));
    found.sort_unstable();
    Ok(found)
}

/// The bytes of these objects.
fn contents(bare: &Bare, objects: &[&str]) -> Result<Vec<Vec<u8>>, Failure> {
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let asked = format!("{}\n", objects.join("\n"));
    let said = bare.ask(&["cat-file", "--batch"], Some(asked.as_bytes()))?;
    let mut rest = &said[..];
    let mut found = Vec::new();
    for _ in objects {
        // `OBJECT blob LENGTH`, the bytes, a line break.
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(unexpected)?;
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        let length = line.rsplit(' ').next().and_then(|length| length.parse::<usize>().ok());
        let length = length.ok_or_else(unexpected)?;
        let bytes = rest.get(end + 1..end + 1 + length).ok_or_else(unexpected)?;
        found.push(bytes.to_vec());
        rest = rest.get(end + length + 2..).ok_or_else(unexpected)?;
    }
    Ok(found)
}

fn unexpected() -> Failure {
    Failure::Said("what nobody expects of it".to_owned())
}
