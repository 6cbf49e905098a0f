//! What the remotes of a working tree have, compared with what is checked out.

use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::tree::Tree;
use super::{Compared, Doubt, Upstream};
use crate::git::{Answer, Git};

/// The branch that HEAD follows.
struct Follows {
    remote: String,
    /// The full name of the ref there.
    branch: String,
}

impl Compared<'_> {
    /// Whether a working tree agrees with its remotes, and has nothing that was never committed. `false`: it has no
    /// remote to compare it with.
    ///
    /// # Errors
    /// It does not, or that cannot be known.
    pub(super) fn agrees_with(&self, tree: &Tree, upstream: Upstream<'_>) -> Result<bool, Doubt> {
        let git = tree.git();
        let remotes = git.ask("remote", &[]).and_then(Answer::text)?;
        let mut remotes: Vec<&str> = remotes.lines().collect();
        if let Some(named) = upstream.remote {
            remotes.retain(|remote| *remote == named);
        }
        let Some(first) = remotes.first().map(|first| (*first).to_owned()) else {
            return Ok(false);
        };
        let path = || tree.path().to_owned();
        let follows = follows(tree, upstream)?;
        if upstream.remote.is_none()
            && follows.as_ref().is_some_and(|follows| !remotes.contains(&follows.remote.as_str()))
        {
            return Err(Doubt::NoUpstream { path: path() });
        }
        let mut asked = Vec::new();
        for remote in remotes {
            let url = url(git, remote)?;
            if !is_itself(git, &url)? {
                asked.push((remote, url));
            }
        }
        if asked.is_empty() {
            return Err(Doubt::OnlyItself { path: path(), remote: first });
        }
        for (remote, url) in &asked {
            let followed = follows.as_ref().filter(|follows| follows.remote == *remote);
            let branch = followed.map(|follows| follows.branch.as_str());
            self.agrees_with_one(tree, remote, url, branch, upstream).map_err(|doubt| {
                if asked.len() == 1 {
                    return doubt;
                }
                let remotes = asked.iter().map(|(remote, _)| format!("`{remote}`")).collect();
                Doubt::OfSeveral { doubt: Box::new(doubt), remotes }
            })?;
        }
        self.is_as_committed(tree)?;
        Ok(true)
    }

    /// Whether HEAD has every commit of the branch that it follows, and of the one that the inventory is kept on; and
    /// what that one has in the inventory's folders.
    fn agrees_with_one(
        &self,
        tree: &Tree,
        remote: &str,
        url: &str,
        follows: Option<&str>,
        upstream: Upstream<'_>,
    ) -> Result<(), Doubt> {
        let (git, path, remote) = (tree.git(), tree.path().to_owned(), remote.to_owned());
        let branch = upstream.branch;
        let kept_on =
            branch.map_or_else(|| "HEAD".to_owned(), |branch| format!("refs/heads/{branch}"));
        let mut asked = vec![kept_on.as_str()];
        asked.extend(follows);
        let heads = match git.remote_heads(url, &asked) {
            Ok(heads) => heads,
            Err(failure) => return Err(Doubt::Unreachable { path, remote, failure }),
        };
        let Some(kept) = heads.commits.get(&kept_on) else {
            return Err(Doubt::NoBranch { path, remote, branch: branch.map(str::to_owned) });
        };
        let default = heads.default.as_deref().unwrap_or(&kept_on);
        let name = if branch.is_some() { &kept_on } else { default };
        // One that is gone at the remote, after a merge, has no commits that could be lacked.
        let followed = follows.and_then(|name| Some((name, heads.commits.get(name)?)));
        let short = |name: &str| name.strip_prefix("refs/heads/").unwrap_or(name).to_owned();
        for (name, commit) in followed.into_iter().chain([(name, kept)]) {
            // An object that is not there is an error of Git, and a commit that we lack.
            if git.ask("merge-base", &["--is-ancestor", commit, "HEAD"])?.succeeded() {
                continue;
            }
            let follows = follows == Some(name);
            let branch = short(name);
            let cut = git.ask("rev-parse", &["--is-shallow-repository"]).and_then(Answer::text)?;
            return Err(if cut == "true" && !follows {
                Doubt::Shallow { path, remote, branch }
            } else {
                Doubt::Behind { path, remote, branch, follows }
            });
        }
        let branch = short(name);
        self.is_as_at(tree, kept, |files| Doubt::Unpushed { path, remote, branch, files })
    }
}

/// The branch that HEAD follows at a remote; `None`: none yet.
fn follows(tree: &Tree, upstream: Upstream<'_>) -> Result<Option<Follows>, Doubt> {
    let said =
        |verb, arguments: &[&str]| tree.git().ask(verb, arguments).and_then(Answer::text_or_none);
    let Some(head) = said("symbolic-ref", &["-q", "--short", "HEAD"])? else {
        // Where nothing is checked out by name, somebody has to say which branch it should be.
        return match upstream.branch {
            Some(_) => Ok(None),
            None => Err(Doubt::NoUpstream { path: tree.path().to_owned() }),
        };
    };
    let setting = |name: &str| said("config", &["--get", &format!("branch.{head}.{name}")]);
    let follows = setting("remote")?.zip(setting("merge")?).filter(|(remote, _)| remote != ".");
    Ok(follows.map(|(remote, branch)| Follows { remote, branch }))
}

/// Where a remote is. A path is meant as it is from the working tree.
fn url(git: &Git, remote: &str) -> Result<String, Doubt> {
    let url = git.ask("remote", &["get-url", "--", remote]).and_then(Answer::text)?;
    Ok(match fs::canonicalize(git.path().join(&url)) {
        Ok(local) if !url.contains("://") => local.to_string_lossy().into_owned(),
        _ => url,
    })
}

/// Whether a remote is the repository that is compared with it: itself, or another working tree of it.
fn is_itself(git: &Git, url: &str) -> Result<bool, Doubt> {
    let local = match url.split_once("://") {
        None => PathBuf::from(url),
        Some(("file", rest)) => {
            let path = rest.strip_prefix("localhost").unwrap_or(rest);
            PathBuf::from(percent_decode_str(path).decode_utf8_lossy().into_owned())
        }
        Some(_) => return Ok(false),
    };
    if !local.is_dir() {
        return Ok(false);
    }
    let ours = common(git.path(), git)?;
    Ok(common(&local, &Git::of(&local)).is_ok_and(|theirs| theirs == ours))
}

/// The directory that all working trees of a repository share.
fn common(path: &Path, git: &Git) -> Result<PathBuf, Doubt> {
    let directory = git.ask("rev-parse", &["--git-common-dir"]).and_then(Answer::text)?;
    let directory = path.join(directory);
    Ok(fs::canonicalize(&directory).unwrap_or(directory))
}
