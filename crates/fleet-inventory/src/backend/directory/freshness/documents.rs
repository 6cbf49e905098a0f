//! The inventory's files: on the disk, as they were committed, and as a remote has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::tree::Tree;
use super::{Compared, Doubt};
use crate::document::FOLDERS;
use crate::git::Answer;

/// How many files are named.
const SHOWN: usize = 5;

/// Files by their names in the store, with the ids that Git gives to their contents.
type Documents = BTreeMap<String, String>;

impl Compared<'_> {
    /// What was committed in the folders is what another commit has there, but for what this process writes.
    pub(super) fn is_as_at(
        &self,
        tree: &Tree,
        commit: &str,
        doubt: impl FnOnce(Vec<String>) -> Doubt,
    ) -> Result<(), Doubt> {
        let (here, there) = (tree.documents("HEAD")?, tree.documents(commit)?);
        self.none_differ(different(&here, &there), |files| {
            let how = |name: &String| match (here.contains_key(name), there.contains_key(name)) {
                (true, true) => format!("{name} (another text)"),
                (true, false) => format!("{name} (only here)"),
                (false, _) => format!("{name} (only there)"),
            };
            doubt(some(files.iter().map(how).collect()))
        })
    }

    /// The files are as they were committed, but for what this process writes.
    pub(super) fn is_as_committed(&self, tree: &Tree) -> Result<(), Doubt> {
        let path = tree.path();
        let committed = tree.documents("HEAD")?;
        let (names, hashes) = loop {
            let ours = self.touched.names();
            let names: Vec<String> =
                present(path).into_iter().filter(|name| !ours.contains(name)).collect();
            match tree.hashes(&names) {
                // Another resource of this run has taken a file away meanwhile.
                Err(_) if self.touched.names() != ours => {}
                hashes => break (names, hashes?),
            }
        };
        let mut here: Documents = committed
            .iter()
            .filter(|(name, _)| path.join(name).exists())
            .map(|(name, id)| (name.clone(), id.clone()))
            .collect();
        let mut hashes = hashes.into_iter();
        here.extend(names.into_iter().map(|name| (name, hashes.next().unwrap_or_default())));
        self.none_differ(different(&here, &committed), |files| Doubt::Uncommitted {
            path: path.to_owned(),
            files: some(files),
        })
    }

    /// What this process has written or deleted itself is as new as can be. Looked at last: what the run writes counts
    /// as touched before it is written.
    fn none_differ(
        &self,
        mut files: Vec<String>,
        doubt: impl FnOnce(Vec<String>) -> Doubt,
    ) -> Result<(), Doubt> {
        let ours: BTreeSet<String> = self.touched.names();
        files.retain(|name| !ours.contains(name));
        if files.is_empty() { Ok(()) } else { Err(doubt(files)) }
    }
}

/// The names of what the two have not alike.
fn different(one: &Documents, other: &Documents) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}

fn some(mut files: Vec<String>) -> Vec<String> {
    let more = files.len().saturating_sub(SHOWN);
    files.truncate(SHOWN);
    if more > 0 {
        files.push(format!("{more} more"));
    }
    files
}

/// The inventory's files that are there, as `folder/name`.
fn present(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(path.join(folder)).into_iter().flatten().flatten() {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if is_document(&name) {
                found.push(name);
            }
        }
    }
    found.sort_unstable();
    found
}

fn is_document(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.ends_with(".yaml") && !file.starts_with('.') && !file.contains(char::is_control)
}

impl Tree {
    /// The inventory's files of a commit.
    fn documents(&self, commit: &str) -> Result<Documents, Doubt> {
        let folders = FOLDERS.map(|folder| self.named(folder));
        let mut arguments = vec!["-r", "-z", "--full-tree", commit, "--"];
        arguments.extend(folders.iter().map(String::as_str));
        let text = self.git().ask("ls-tree", &arguments).and_then(Answer::text)?;
        let entries = text.split('\0').filter_map(|entry| entry.split_once('\t'));
        let documents = entries.filter_map(|(about, name)| {
            let name = self.in_store(name).filter(|name| is_document(name))?;
            Some((name.to_owned(), about.split(' ').nth(2)?.to_owned()))
        });
        Ok(documents.collect())
    }

    /// The ids that Git gives to the contents of these files, without a filter of the working tree:
    /// a filter is a command that whoever wrote the repository's configuration chose.
    fn hashes(&self, files: &[String]) -> Result<Vec<String>, Doubt> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        // A link on the way leads to what is read.
        let names: Vec<String> = files
            .iter()
            .map(|file| self.path().join(file).to_string_lossy().into_owned())
            .collect();
        let asked = ["--no-filters", "--stdin-paths"];
        let answer = self.git().ask_about("hash-object", &asked, &names.join("\n"))?;
        Ok(answer.text()?.lines().map(str::to_owned).collect())
    }
}
