//! A Git working tree, and a store's place in it.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Doubt;
use crate::document::FOLDERS;
use crate::git::{Answer, Failure, Git};

/// A store in a working tree.
pub(super) struct Tree {
    git: Git,
    path: PathBuf,
    /// From the uppermost directory of the tree to the store, with `/`; empty where it is that directory.
    inside: String,
}

/// The working trees that a path is in, the innermost first.
///
/// # Errors
/// A name on the way is no text, so that no question about it can be asked.
pub(super) fn above(path: &Path) -> Result<Vec<Tree>, Doubt> {
    tops(path).map(|top| Tree::new(top, path)).collect()
}

/// A link in a working tree by which a path leads to a store.
pub(super) struct Link {
    pub(super) path: PathBuf,
    /// The working trees that it is in, with the store as it is called there. None where the path goes up again.
    pub(super) trees: Vec<Tree>,
}

/// The links in working trees on a path.
pub(super) fn links(path: &Path) -> Vec<Link> {
    let mut found = Vec::new();
    for link in path.ancestors().filter(|above| above.is_symlink()) {
        let folder = link.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
        let (Ok(folder), Some(name)) = (folder, link.file_name()) else { continue };
        if tops(&folder).next().is_none() {
            continue;
        }
        let rest = path.strip_prefix(link).unwrap_or(Path::new(""));
        let named = rest.components().all(|part| matches!(part, Component::Normal(_))).then(|| {
            if rest.as_os_str().is_empty() {
                folder.join(name)
            } else {
                folder.join(name).join(rest)
            }
        });
        let trees = named
            .iter()
            .flat_map(|named| tops(&folder).filter_map(|top| Tree::new(top, named).ok()));
        let trees = trees.collect();
        found.push(Link { path: link.to_owned(), trees });
    }
    found
}

fn tops(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().filter(|above| above.join(".git").exists())
}

impl Tree {
    fn new(top: &Path, path: &Path) -> Result<Self, Doubt> {
        let git = Git::in_tree(top);
        let inside = path.strip_prefix(top).unwrap_or(Path::new(""));
        let names: Option<Vec<&str>> =
            inside.components().map(|part| part.as_os_str().to_str()).collect();
        let Some(names) = names else {
            let why = io::Error::new(io::ErrorKind::InvalidInput, "a name on the way is no text");
            return Err(git.unanswered("ls-tree", Failure::Io(why)).into());
        };
        Ok(Self { inside: names.join("/"), git, path: path.to_owned() })
    }

    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    /// Where the store is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A name in the store, as it is from the top of the tree.
    pub(super) fn named(&self, name: &str) -> String {
        if self.inside.is_empty() { name.to_owned() } else { format!("{}/{name}", self.inside) }
    }

    /// A name from the top of the tree, as it is in the store.
    pub(super) fn in_store<'a>(&self, name: &'a str) -> Option<&'a str> {
        if self.inside.is_empty() {
            return Some(name);
        }
        name.strip_prefix(&self.inside)?.strip_prefix('/')
    }

    /// Whether the store is left out of Git on purpose.
    ///
    /// # Errors
    /// Git does not answer.
    pub(super) fn is_ignored(&self) -> Result<bool, Doubt> {
        let place = if self.inside.is_empty() { "." } else { &self.inside };
        let asked = ["-q", "--", place];
        Ok(self.git.ask("check-ignore", &asked).and_then(Answer::yes_or_no)?)
    }

    /// Whether Git keeps the folders, at HEAD or at the tip of any branch that was seen at a remote: a commit that nobody
    /// else has can take them out of Git.
    ///
    /// # Errors
    /// Git does not answer.
    pub(super) fn is_kept(&self) -> Result<bool, Doubt> {
        let asked = ["--format=%(objectname)", "refs/remotes"];
        let tips = self.git.ask("for-each-ref", &asked).and_then(Answer::text)?;
        let mut questions = String::new();
        for tip in ["HEAD"].into_iter().chain(tips.lines()) {
            for folder in FOLDERS {
                questions.extend([tip, ":", &self.named(folder), "\n"]);
            }
        }
        let answers = self.git.ask_about("cat-file", &["--batch-check"], &questions)?;
        Ok(answers.text()?.lines().any(|line| line.split(' ').nth(1) == Some("tree")))
    }
}
