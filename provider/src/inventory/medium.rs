//! What a person does about files of the inventory depends on where it is kept: in a directory, or on a branch that no machine has a
//! copy of.

use std::path::Path;

use fleet_inventory::location::Location;

/// Where an inventory is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    /// A directory of this machine.
    Directory,
    /// A branch of a Git repository.
    Branch,
}

impl Medium {
    /// That of a store, or of a file in it, by its place.
    pub(crate) fn of(place: &Path) -> Self {
        match Location::parse(place) {
            Location::Directory(_) => Self::Directory,
            Location::Git(_) => Self::Branch,
        }
    }

    /// Its name.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Branch => "branch",
        }
    }

    /// How it is brought up to date: a sentence.
    pub(crate) fn up_to_date(self) -> &'static str {
        match self {
            Self::Directory => "Bring the directory up to date (`git pull`) and plan again.",
            Self::Branch => {
                "Plan again: each plan reads the branch anew. If it is older then, too, commits were taken off the branch (a push with `--force`): bring them back, for example by `git push URL COMMIT:BRANCH` out of a clone that has them."
            }
        }
    }

    /// How a file is restored: follows "restore it" or "restore the file".
    pub(crate) fn restore(self) -> &'static str {
        match self {
            Self::Directory => "(`git checkout`)",
            Self::Branch => {
                "on the branch (in a clone: `git checkout COMMIT -- FILE`, commit and push)"
            }
        }
    }

    /// What may be wrong with the `inventory` block: follows "look whether the `inventory` block".
    pub(crate) fn named_rightly(self) -> &'static str {
        match self {
            Self::Directory => "names the right directory, and whether all of it was checked out",
            Self::Branch => "names the right repository, branch and folder",
        }
    }
}
