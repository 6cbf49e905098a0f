//! The snapshot: the placement facts of every cluster in one string, and the overlay of records
//! that a plan is about to write.

use std::collections::BTreeMap;

use crate::cluster::Record;
use crate::name::Key;

mod encoding;
mod overlay;
#[cfg(test)]
mod tests;

pub use encoding::{Error, PREFIX};
pub use overlay::{Error as OverlayError, overlay};

/// A cluster as a placement decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The asserted facts.
    pub record: Record,
    /// Whether its account's inventory document says `ready: true`.
    pub admitted: bool,
    /// The open checks of its account, for the diagnostic that names them.
    pub open_checks: Vec<String>,
    /// Set by the overlay: this configuration is about to write the record, so it counts as
    /// admitted in the decision; apply looks at the store before it adds a target.
    pub planned: bool,
}

/// Every cluster of the inventory, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snapshot {
    /// The clusters.
    pub clusters: BTreeMap<Key, Cluster>,
    /// Where the snapshot was read from, so that apply can read the same store again.
    pub store: String,
}
