//! Where a store is kept, as a text: a directory's path, or a Git repository in the form that module sources have,
//! `git::URL//FOLDER?ref=BRANCH`.

use std::fmt;
use std::path::{Path, PathBuf};

/// What a text of a Git repository begins with.
const GIT: &str = "git::";

/// Where a store is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A directory of this machine.
    Directory(PathBuf),
    /// A branch of a Git repository.
    Git(Repository),
}

/// A folder on a branch of a Git repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    url: String,
    folder: String,
    branch: String,
}

/// Why no store can be kept there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A secret that would be shown to whoever sees the configuration, a state or a process list.
    #[error("it has a password or a token in it")]
    Secret,
    /// Another way than those that run no program of the address.
    #[error(
        "it is no address of the forms `https://…`, `ssh://…`, `USER@HOST:PATH`, `http://…` and `file:///…`"
    )]
    Protocol,
    /// Signs that no address of a repository has.
    #[error("it has a space, a control character, a backslash, a quotation mark, `?` or `#` in it")]
    Sign,
    /// No folder within a repository.
    #[error("it is no relative path of plain names, with `/` between them")]
    Folder,
    /// No name of a branch.
    #[error("Git has no branches of this name")]
    Branch,
}

impl Location {
    /// What a text names. What is no repository that a store can be kept in is a directory.
    #[must_use]
    pub fn parse(text: &Path) -> Self {
        let repository = text.to_str().and_then(|text| text.strip_prefix(GIT)).and_then(|text| {
            let (rest, branch) = text.rsplit_once("?ref=")?;
            let scheme = rest.find("://").map_or(0, |at| at + 3);
            let (url, folder) = match rest[scheme..].rfind("//") {
                Some(at) => (&rest[..scheme + at], &rest[scheme + at + 2..]),
                None => (rest, ""),
            };
            Repository::new(url, folder, branch).ok()
        });
        repository.map_or_else(|| Self::Directory(text.to_owned()), Self::Git)
    }
}

impl Repository {
    /// The folder (empty: all) on a branch of the repository at this address.
    ///
    /// # Errors
    /// Why no store can be kept there.
    pub fn new(url: &str, folder: &str, branch: &str) -> Result<Self, Wrong> {
        check_url(url)?;
        check_folder(folder)?;
        check_branch(branch)?;
        let [url, folder, branch] = [url, folder, branch].map(str::to_owned);
        Ok(Self { url, folder, branch })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder, without `/` at its ends.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The branch.
    #[must_use]
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// A name in the store, as it is from the top of the repository.
    #[must_use]
    pub fn named(&self, name: &str) -> String {
        if self.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", self.folder) }
    }

    /// The same with a name in it.
    #[must_use]
    pub fn locate(&self, name: &str) -> PathBuf {
        PathBuf::from(text(&self.url, &self.named(name), &self.branch))
    }
}

/// Whether a repository is at such an address.
///
/// # Errors
/// Why it cannot be.
pub fn check_url(url: &str) -> Result<(), Wrong> {
    let is_wrong = |of: char| of.is_control() || of.is_whitespace() || "\\\"'`".contains(of);
    if let Some((scheme, rest)) = url.split_once("://") {
        if !matches!(scheme, "https" | "http" | "ssh" | "file") {
            return Err(Wrong::Protocol);
        }
        if rest.contains(['?', '#']) || rest.contains(is_wrong) || rest.contains("//") {
            return Err(Wrong::Sign);
        }
        let host = rest.split('/').next().unwrap_or_default();
        let user = host.rsplit_once('@').map(|(user, _)| user);
        let has_secret = user.is_some_and(|user| user.contains(':') || scheme.starts_with("http"));
        // A password with a `/` in it.
        let has_slash = host.contains(':') && !host.contains('@') && rest.contains('@');
        return match scheme {
            _ if has_secret || has_slash => Err(Wrong::Secret),
            "file" if host.is_empty() && rest.len() > 1 => Ok(()),
            "file" => Err(Wrong::Protocol),
            _ if host.is_empty() || host.starts_with('-') => Err(Wrong::Protocol),
            _ => Ok(()),
        };
    }
    if url.contains(['?', '#']) || url.contains(is_wrong) || url.contains("//") {
        return Err(Wrong::Sign);
    }
    let Some((host, path)) = url.split_once(':') else { return Err(Wrong::Protocol) };
    // `ext::sh -c …` has two colons, and `C:` is no host.
    let is_host = host.contains('@') && !host.contains('/') && !host.starts_with(['-', '@']);
    if is_host && !path.is_empty() && !path.starts_with([':', '-']) {
        Ok(())
    } else {
        Err(Wrong::Protocol)
    }
}

/// Whether this is a folder within a repository; empty is all of it.
///
/// # Errors
/// Why it is none.
pub fn check_folder(folder: &str) -> Result<(), Wrong> {
    let is_name = |name: &str| {
        !matches!(name, "" | "." | "..")
            && !name.eq_ignore_ascii_case(".git")
            && !name.starts_with(['-', ' ', ':'])
            && !name.contains(|of: char| of.is_control() || "\\\"?#*[".contains(of))
    };
    if folder.is_empty() || folder.split('/').all(is_name) { Ok(()) } else { Err(Wrong::Folder) }
}

/// Whether a branch can have this name (git-check-ref-format).
///
/// # Errors
/// It cannot.
pub fn check_branch(branch: &str) -> Result<(), Wrong> {
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let has_wrong =
        |of: char| of.is_control() || of.is_whitespace() || "~^:?*[\\\"'`#".contains(of);
    let is_good = branch.split('/').all(is_part)
        && !branch.starts_with('-')
        && !branch.ends_with('.')
        && !branch.contains("..")
        && !branch.contains("@{")
        && branch != "@"
        && !branch.contains(has_wrong);
    if is_good { Ok(()) } else { Err(Wrong::Branch) }
}

fn text(url: &str, folder: &str, branch: &str) -> String {
    let between = if folder.is_empty() { "" } else { "//" };
    format!("{GIT}{url}{between}{folder}?ref={branch}")
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.url, &self.folder, &self.branch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (url, folder, branch) in [
            ("https://git.example.com/fleet.git", "", "main"),
            ("https://git.example.com/fleet.git", "inventory", "main"),
            ("https://git.example.com:8443/a/fleet.git", "a/b c", "release/1.x"),
            ("ssh://git@git.example.com/fleet.git", "inventory", "main"),
            ("git@git.example.com:acme/fleet.git", "inventory", "main"),
            ("git@git.example.com:acme/fleet.git", "", "main"),
            ("file:///srv/git/fleet.git", "inventory", "main"),
            ("file:///srv/git/fleet.git", "", "main"),
        ] {
            let repository = Repository::new(url, folder, branch).unwrap();
            let text = repository.to_string();
            let read = Location::parse(Path::new(&text));
            assert_eq!(read, Location::Git(repository), "{text}");
        }
        for path in ["inventory", "./git::x", "git::nothing", "git::ext::sh -c x?ref=main", ""] {
            let read = Location::parse(Path::new(path));
            assert_eq!(read, Location::Directory(path.into()));
        }
    }

    #[test]
    fn an_address_runs_nothing_and_hides_nothing() {
        for (url, wrong) in [
            ("https://user:s3cr3t@host/x.git", Wrong::Secret),
            ("https://t0ken@host/x.git", Wrong::Secret),
            ("http://user:s3/cr3t@host/x.git", Wrong::Secret),
            ("ssh://git:s3cr3t@host/x.git", Wrong::Secret),
            ("https://host/x.git?private_token=s3cr3t", Wrong::Sign),
            ("https://host/x.git#a", Wrong::Sign),
            ("https://host/a//x.git", Wrong::Sign),
            ("https://host/a b", Wrong::Sign),
            ("ext::sh -c touch% x", Wrong::Sign),
            ("ext::sh", Wrong::Protocol),
            ("fd::3", Wrong::Protocol),
            ("git://host/x.git", Wrong::Protocol),
            ("ext://host/x.git", Wrong::Protocol),
            ("ssh://-oProxyCommand=x/y", Wrong::Protocol),
            ("-oProxyCommand=x@host:y", Wrong::Protocol),
            ("file://host/x.git", Wrong::Protocol),
            ("file:///", Wrong::Protocol),
            ("https://", Wrong::Protocol),
            ("/srv/git/fleet.git", Wrong::Protocol),
            ("../fleet.git", Wrong::Protocol),
            ("C:\\fleet.git", Wrong::Sign),
            ("", Wrong::Protocol),
        ] {
            assert_eq!(check_url(url), Err(wrong), "{url}");
        }
    }

    #[test]
    fn a_folder_stays_inside_and_a_branch_is_one() {
        for folder in
            ["/a", "a/", "a//b", "..", "a/../b", ".", ".git", "a/.GIT/b", "a\nb", "a?b", "-a"]
        {
            assert_eq!(check_folder(folder), Err(Wrong::Folder), "{folder}");
        }
        for folder in ["", "a", "a/b-c", ".fleet", "a b"] {
            assert_eq!(check_folder(folder), Ok(()), "{folder}");
        }
        for branch in
            ["", "/", "a/", "-f", "a..b", "a b", "a.lock", "@", "a@{1}", "a:b", ".a", "a\n"]
        {
            assert_eq!(check_branch(branch), Err(Wrong::Branch), "{branch}");
        }
        for branch in ["main", "release/1.x", "a@b", "refs/x"] {
            assert_eq!(check_branch(branch), Ok(()), "{branch}");
        }
    }
}
