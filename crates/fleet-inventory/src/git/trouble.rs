//! What can be wrong with a store that is kept in a Git repository.

use std::io;
use std::path::PathBuf;

use super::Failure;

/// What can be wrong with a store that is kept in a Git repository.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The copy on this machine cannot be made or used.
    #[error("the copy of `{store}` in `{}` cannot be used: it {failure}", cache.display())]
    Cache {
        /// The store.
        store: String,
        /// The copy.
        cache: PathBuf,
        /// What came of it.
        failure: Failure,
    },
    /// The repository does not answer, or lets nobody read.
    #[error("the repository of `{store}` cannot be read: it {failure}")]
    Unreachable {
        /// The store.
        store: String,
        /// What came of it.
        failure: Failure,
    },
    /// There is no such branch.
    #[error("the repository of `{store}` has no branch `{branch}`")]
    NoBranch {
        /// The store.
        store: String,
        /// The branch.
        branch: String,
    },
    /// The branch has no such folder.
    #[error("the branch of `{store}` has no folder `{folder}`")]
    NoFolder {
        /// The store.
        store: String,
        /// The folder.
        folder: String,
    },
    /// The repository takes no commit.
    #[error("the repository of `{store}` did not take the commit: it {failure}")]
    Refused {
        /// The store.
        store: String,
        /// What came of it.
        failure: Failure,
    },
    /// Nothing tells whether the commit was taken.
    #[error(
        "it is not known whether the repository of `{store}` took the commit: the push {push}, and the repository, asked again, {}",
        match failure {
            Some(failure) => failure.to_string(),
            None => "does not have it yet".to_owned(),
        }
    )]
    Unsure {
        /// The store.
        store: String,
        /// What came of the push.
        push: Failure,
        /// What came of the look afterwards; `None`: the branch was as before, and may yet change.
        failure: Option<Failure>,
    },
    /// Others were faster each time.
    #[error(
        "other runs pushed to the branch of `{store}` each of the {times} times that this one tried"
    )]
    Overtaken {
        /// The store.
        store: String,
        /// How often it was tried.
        times: usize,
    },
    /// Somebody else changed the file meanwhile.
    #[error("`{}` was changed by somebody else while this run worked on it", path.display())]
    Conflict {
        /// The file.
        path: PathBuf,
        /// What only this run's text has, or that it removes the file.
        ours: Vec<String>,
        /// What only the text on the branch has, or that there is none.
        theirs: Vec<String>,
    },
}

impl Trouble {
    /// The program is not there.
    #[must_use]
    pub fn is_without_program(&self) -> bool {
        let (Self::Cache { failure, .. }
        | Self::Unreachable { failure, .. }
        | Self::Refused { failure, .. }
        | Self::Unsure { failure: Some(failure), .. }) = self
        else {
            return false;
        };
        matches!(failure, Failure::Io(cause) if cause.kind() == io::ErrorKind::NotFound)
    }
}
