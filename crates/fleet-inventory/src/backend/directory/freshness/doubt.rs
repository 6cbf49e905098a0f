//! Why a store is not known to be current.

use std::path::PathBuf;
use std::sync::Arc;

use crate::git::{Failure, Trouble, Unanswered};

/// Why a store is not known to be current.
#[derive(Debug, thiserror::Error)]
pub enum Doubt {
    /// The program does not answer.
    #[error(transparent)]
    Git(#[from] Unanswered),
    /// A store in a repository cannot be read again.
    #[error("{0}")]
    Store(Arc<Trouble>),
    /// A link leads out of the working tree that the path names.
    #[error("`{}` is a link out of its Git working tree, to `{}`, which is in none", path.display(), to.display())]
    LeadsOut {
        /// The link, as it is named.
        path: PathBuf,
        /// Where the store is.
        to: PathBuf,
    },
    /// No branch of the remote belongs to what is checked out.
    #[error("`{}` is in a Git working tree whose HEAD follows no branch of a remote", path.display())]
    NoUpstream {
        /// The store.
        path: PathBuf,
    },
    /// The remote of the provider block is none of the repository's.
    #[error("`{}` is in no Git working tree with the remote `{remote}`, which the `inventory` block names", path.display())]
    NoRemote {
        /// The store.
        path: PathBuf,
        /// The name in the provider block.
        remote: String,
    },
    /// Every remote is the repository itself.
    #[error("the remote `{remote}` of `{}` is this very repository", path.display())]
    OnlyItself {
        /// The store.
        path: PathBuf,
        /// The name of the remote.
        remote: String,
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
    /// What was committed in the folders is not what the remote has there.
    #[error("`{}` has commits that `{branch}` of the remote `{remote}` has not, and they change {}", path.display(), files.join(", "))]
    Unpushed {
        /// The store.
        path: PathBuf,
        /// The name of the remote.
        remote: String,
        /// The branch there.
        branch: String,
        /// Some of the files, relative to the store.
        files: Vec<String>,
    },
    /// The directory is not what was committed.
    #[error("`{}` has changes that are not committed: {}", path.display(), files.join(", "))]
    Uncommitted {
        /// The store.
        path: PathBuf,
        /// Some of the files, relative to the store.
        files: Vec<String>,
    },
    /// One of several remotes gives the doubt, and nothing says that it does not count.
    #[error("{doubt}; the repository has the remotes {}, and nothing says which of them the inventory is kept at", remotes.join(", "))]
    OfSeveral {
        /// What it is.
        doubt: Box<Doubt>,
        /// The names of the remotes, in backticks.
        remotes: Vec<String>,
    },
}

fn missing(branch: Option<&str>) -> String {
    branch.map_or_else(
        || "no default branch: its HEAD leads to no commit".to_owned(),
        |branch| format!("no branch `{branch}`"),
    )
}
