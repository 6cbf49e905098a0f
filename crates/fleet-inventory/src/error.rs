//! What can be wrong with the store.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};
use std::str::Utf8Error;
use std::sync::Arc;

use fleet_artifacts::yaml;
use fleet_model::name;

use crate::document::form;
use crate::file::Thing;
use crate::git::Trouble;

/// Why the store, or a file of it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not a directory.
    #[error("there is no directory `{}`", path.display())]
    NoDirectory {
        /// The store.
        path: PathBuf,
    },
    /// The operating system refuses to read.
    #[error("`{}` cannot be read", path.display())]
    Read {
        /// A file or a directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The operating system refuses to write or delete.
    #[error("`{}` cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The document has no form as a file.
    #[error("`{}` cannot be written", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: yaml::Error,
    },
    /// Something else than the document that belongs there.
    #[error("`{}` is not an inventory file that this provider can read", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: form::Error,
    },
    /// No regular file: it is not followed, opened or waited for.
    #[error("`{}` is {thing}, and an inventory file is a regular file", path.display())]
    Thing {
        /// Where it lies.
        path: PathBuf,
        /// What it is.
        thing: Thing,
    },
    /// A file that is none of ours, by its name.
    #[error("`{}` does not belong in the inventory", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// What looks like a part of the inventory, beside its folders.
    #[error("`{}` lies beside the folders `accounts` and `clusters`, and looks like a part of the inventory", path.display())]
    Stray {
        /// The file or the folder.
        path: PathBuf,
    },
    /// More than any file of the inventory has.
    #[error("`{}` has more than {most} bytes", path.display())]
    Long {
        /// The file.
        path: PathBuf,
        /// How many it may have.
        most: u64,
    },
    /// Older than what was seen of it before.
    #[error("`{}` has the serial {found}, and the serial {seen} was seen before", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The serial that was seen.
        seen: u64,
        /// The serial that it has.
        found: u64,
    },
    /// Its serial is the last one there is.
    #[error("`{}` cannot be written: it had the last serial that there is", path.display())]
    LastSerial {
        /// The file.
        path: PathBuf,
    },
    /// Not UTF-8.
    #[error("`{}` is not a text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// Where.
        #[source]
        source: Utf8Error,
    },
    /// A file whose name cannot be a key.
    #[error("`{}` has a name that no object of the inventory can have", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// Which rule.
        #[source]
        source: name::Error,
    },
    /// A file whose content belongs to another file.
    #[error("`{}` holds the object `{says}`", path.display())]
    Misplaced {
        /// The file.
        path: PathBuf,
        /// The name within.
        says: String,
    },
    /// Trouble with the repository that the store is kept in.
    #[error(transparent)]
    Git(Arc<Trouble>),
    /// Held by another configuration.
    #[error("`{}` is managed by `{managed_by}`", path.display())]
    OtherManager {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        managed_by: String,
    },
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        Self::Git(Arc::new(trouble))
    }
}

impl Error {
    /// The store or the file that it is about, where the error itself knows it.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::NoDirectory { path }
            | Self::Read { path, .. }
            | Self::Write { path, .. }
            | Self::Encode { path, .. }
            | Self::NotOurs { path, .. }
            | Self::Thing { path, .. }
            | Self::Foreign { path }
            | Self::Stray { path }
            | Self::Long { path, .. }
            | Self::Older { path, .. }
            | Self::LastSerial { path }
            | Self::NotText { path, .. }
            | Self::Name { path, .. }
            | Self::Misplaced { path, .. }
            | Self::OtherManager { path, .. } => Some(path),
            Self::Git(_) => None,
        }
    }

    /// What happened, with its cause, in one sentence.
    #[must_use]
    pub fn told(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        if let Some(first) = text.get(..1) {
            text = format!("{}{}.", first.to_uppercase(), text.get(1..).unwrap_or_default());
        }
        text
    }
}
