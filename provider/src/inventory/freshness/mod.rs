//! Whether a store is known to be current, before a step that nothing undoes.
//!
//! A directory in a Git working tree is compared with its remote: it lacks no commit of the branch that it
//! follows, none of the branch that the inventory is kept on (the remote's default, if no other is named),
//! and holds nothing that was never committed. A directory that is kept in no Git is its own truth: nobody
//! else has another copy that we know of. So is a working tree without a remote.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Store, locked};

mod git;
mod report;
#[cfg(test)]
mod tests;

use git::{Answer, Failure, Git};

/// What makes a store count as current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// It is compared with its upstream.
    #[default]
    Git,
    /// Whoever runs says so: a runner without a way to the upstream.
    Asserted,
}

/// Why a store is not known to be current.
#[derive(Debug, thiserror::Error)]
pub enum Doubt {
    /// The program does not answer.
    #[error("`git {verb}` in `{}` {failure}", path.display())]
    Git {
        /// Where it ran.
        path: PathBuf,
        /// What it was asked.
        verb: &'static str,
        /// What came of it.
        failure: Failure,
    },
    /// A link leads out of the working tree that the path names.
    #[error("`{}` is a link out of its Git working tree, to `{}`, which is in none", path.display(), to.display())]
    LeadsOut {
        /// The store, as it is named.
        path: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// No branch of the remote belongs to what is checked out.
    #[error("`{}` is in a Git working tree whose HEAD follows no branch of a remote", path.display())]
    NoUpstream {
        /// The store.
        path: PathBuf,
    },
    /// The remote does not answer.
    #[error("the remote `{remote}` of `{}` cannot be asked: it {failure}", path.display())]
    Unreachable {
        /// The store.
        path: PathBuf,
        /// The name of the remote.
        remote: String,
        /// What came of it.
        failure: Failure,
    },
    /// Nothing says which branch the inventory is kept on.
    #[error("the remote `{remote}` of `{}` has {}", path.display(), missing(branch.as_deref()))]
    NoBranch {
        /// The store.
        path: PathBuf,
        /// The name of the remote.
        remote: String,
        /// The branch that is named in the provider block; `None`: the default branch.
        branch: Option<String>,
    },
    /// The remote has commits that the directory lacks.
    #[error("`{}` lacks commits of `{branch}` of the remote `{remote}`", path.display())]
    Behind {
        /// The store.
        path: PathBuf,
        /// The name of the remote.
        remote: String,
        /// The branch there.
        branch: String,
        /// Whether it is the branch that HEAD follows.
        follows: bool,
    },
    /// The history is cut off, so nothing tells.
    #[error("`{}` is in a shallow clone, which does not show whether it has every commit of `{branch}` of the remote `{remote}`", path.display())]
    Shallow {
        /// The store.
        path: PathBuf,
        /// The name of the remote.
        remote: String,
        /// The branch there.
        branch: String,
    },
    /// The directory is not what was committed.
    #[error("`{}` has changes that are not committed: {}", path.display(), files.join(", "))]
    Uncommitted {
        /// The store.
        path: PathBuf,
        /// Some of the files, relative to the store.
        files: Vec<String>,
    },
}

fn missing(branch: Option<&str>) -> String {
    branch.map_or_else(
        || "no default branch: its HEAD leads to no commit".to_owned(),
        |branch| format!("no branch `{branch}`"),
    )
}

impl Freshness {
    /// The words of the provider block.
    pub const WORDS: &'static [&'static str] = &["git", "asserted"];

    /// The value of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "git" => Some(Self::Git),
            "asserted" => Some(Self::Asserted),
            _ => None,
        }
    }
}

/// The folders that are compared.
const FOLDERS: [&str; 2] = ["accounts", "clusters"];

impl Store {
    /// Whether the store is known to be current. Asks the remote each time: an apply may be long. `branch` is
    /// the one that the inventory is kept on; `None`: the remote's default branch.
    ///
    /// # Errors
    /// Why it is not.
    pub fn is_current(&self, freshness: Freshness, branch: Option<&str>) -> Result<(), Doubt> {
        if freshness == Freshness::Asserted {
            return Ok(());
        }
        let path = fs::canonicalize(self.path()).unwrap_or_else(|_| self.path().to_owned());
        if !in_tree(&path) {
            // Whoever can put a link into a working tree would make any copy its own truth.
            let link = self.path().ancestors().find(|above| above.is_symlink() && is_kept(above));
            return match link {
                Some(link) => Err(Doubt::LeadsOut { path: link.to_owned(), to: path }),
                None => Ok(()),
            };
        }
        let git = Git::in_tree(&path);
        if git.ask("check-ignore", &["-q", "--", "."]).and_then(Answer::yes_or_no)? {
            return Ok(());
        }
        let remotes = git.ask("remote", &[]).and_then(Answer::text)?;
        if remotes.is_empty() {
            return Ok(());
        }
        let remotes: Vec<&str> = remotes.lines().collect();
        has_the_remotes_commits(&path, &git, &remotes, branch)?;
        self.is_as_committed(&path, &git)
    }

    /// What this process has written or deleted itself is as new as can be.
    fn is_as_committed(&self, path: &Path, git: &Git<'_>) -> Result<(), Doubt> {
        let mut arguments = vec!["-r", "-z", "HEAD", "--"];
        arguments.extend(FOLDERS);
        let tree = git.ask("ls-tree", &arguments).and_then(Answer::text)?;
        let committed: BTreeMap<&str, &str> = tree
            .split('\0')
            .filter_map(|entry| entry.split_once('\t'))
            .filter_map(|(about, name)| Some((name, about.split(' ').nth(2)?)))
            .collect();
        let (present, hashes) = loop {
            let ours = locked(&self.known.touched).clone();
            let present: Vec<String> =
                present(path).into_iter().filter(|name| !ours.contains(name)).collect();
            match git.hashes(&present) {
                // Another resource of this run has taken a file away meanwhile.
                Err(_) if *locked(&self.known.touched) != ours => {}
                hashes => break (present, hashes?),
            }
        };
        let mut different: Vec<String> = present
            .iter()
            .enumerate()
            .filter(|(index, name)| {
                let hash = hashes.get(*index).map(String::as_str);
                hash.is_none() || committed.get(name.as_str()).copied() != hash
            })
            .map(|(_, name)| name.clone())
            .collect();
        let missing = committed.keys().filter(|name| is_document(name));
        different.extend(
            missing.filter(|name| !path.join(name).exists()).map(|name| (*name).to_owned()),
        );
        // Looked at last: what the run writes counts as touched before it is written.
        let ours = locked(&self.known.touched).clone();
        different.retain(|name| !ours.contains(name));
        different.sort_unstable();
        if different.is_empty() {
            return Ok(());
        }
        let more = different.len().saturating_sub(SHOWN);
        different.truncate(SHOWN);
        if more > 0 {
            different.push(format!("{more} more"));
        }
        Err(Doubt::Uncommitted { path: path.to_owned(), files: different })
    }
}

fn in_tree(path: &Path) -> bool {
    path.ancestors().any(|above| above.join(".git").exists())
}

/// Whether what stands here, be it a link, stands in a working tree.
fn is_kept(entry: &Path) -> bool {
    let folder = entry.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::canonicalize(folder.unwrap_or(Path::new("."))).is_ok_and(|folder| in_tree(&folder))
}

/// Whether HEAD has every commit of the branch that it follows, and of the one that the inventory is kept on.
fn has_the_remotes_commits(
    path: &Path,
    git: &Git<'_>,
    remotes: &[&str],
    branch: Option<&str>,
) -> Result<(), Doubt> {
    let no_upstream = || Doubt::NoUpstream { path: path.to_owned() };
    let said = |verb, arguments: &[&str]| git.ask(verb, arguments).and_then(Answer::text_or_none);
    let head = said("symbolic-ref", &["-q", "--short", "HEAD"])?;
    // Where nothing is checked out by name, somebody has to say which branch it should be.
    if head.is_none() && branch.is_none() {
        return Err(no_upstream());
    }
    let setting = |name: &str| match &head {
        Some(head) => said("config", &["--get", &format!("branch.{head}.{name}")]),
        None => Ok(None),
    };
    let follows = setting("remote")?.zip(setting("merge")?).filter(|(remote, _)| remote != ".");
    let (remote, follows) = match (follows, remotes) {
        (Some((remote, merge)), _) => (remote, Some(merge)),
        // One that was not pushed yet lacks nothing of its own.
        (None, [only]) => ((*only).to_owned(), None),
        (None, _) => return Err(no_upstream()),
    };
    let kept_on = branch.map_or_else(|| "HEAD".to_owned(), |branch| format!("refs/heads/{branch}"));
    let mut asked = vec![kept_on.as_str()];
    asked.extend(follows.as_deref());
    let url = url(git, &remote)?;
    let heads = git.remote_heads(&url, &asked).map_err(|failure| Doubt::Unreachable {
        path: path.to_owned(),
        remote: remote.clone(),
        failure,
    })?;
    let Some(kept) = heads.commits.get(&kept_on) else {
        let branch = branch.map(str::to_owned);
        return Err(Doubt::NoBranch { path: path.to_owned(), remote, branch });
    };
    let name = if branch.is_some() { &kept_on } else { heads.default.as_ref().unwrap_or(&kept_on) };
    // One that is gone at the remote, after a merge, has no commits that could be lacked.
    let followed = follows.as_ref().and_then(|name| Some((name, heads.commits.get(name)?)));
    for (name, commit) in followed.into_iter().chain([(name, kept)]) {
        // An object that is not there is an error of Git, and a commit that we lack.
        if git.ask("merge-base", &["--is-ancestor", commit, "HEAD"])?.succeeded() {
            continue;
        }
        let follows = follows.as_ref() == Some(name);
        let branch = name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
        let path = path.to_owned();
        let shallow = git.ask("rev-parse", &["--is-shallow-repository"]).and_then(Answer::text)?;
        return Err(if shallow == "true" && !follows {
            Doubt::Shallow { path, remote, branch }
        } else {
            Doubt::Behind { path, remote, branch, follows }
        });
    }
    Ok(())
}

/// Where a remote is. A path is meant as it is from the working tree.
fn url(git: &Git<'_>, remote: &str) -> Result<String, Doubt> {
    let url = git.ask("remote", &["get-url", "--", remote]).and_then(Answer::text)?;
    Ok(match fs::canonicalize(git.top()?.join(&url)) {
        Ok(local) if !url.contains("://") => local.to_string_lossy().into_owned(),
        _ => url,
    })
}

/// How many files are named.
const SHOWN: usize = 5;

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

impl Git<'_> {
    /// The ids that Git gives to the contents of these files, without a filter of the working tree:
    /// a filter is a command that whoever wrote the repository's configuration chose.
    fn hashes(&self, files: &[String]) -> Result<Vec<String>, Doubt> {
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let mut list =
            tempfile::tempfile().map_err(|of| self.doubt("hash-object", Failure::Io(of)))?;
        // The program reads them from the uppermost directory.
        let names: Vec<String> = files
            .iter()
            .map(|file| self.path().join(file).to_string_lossy().into_owned())
            .collect();
        list.write_all(names.join("\n").as_bytes())
            .map_err(|of| self.doubt("hash-object", Failure::Io(of)))?;
        let answer =
            self.ask_with("hash-object", &["--no-filters", "--stdin-paths"], Some(list))?;
        Ok(answer.text()?.lines().map(str::to_owned).collect())
    }
}
