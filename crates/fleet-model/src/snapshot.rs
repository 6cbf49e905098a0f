//! The snapshot: the placement facts of every cluster in one string, and the overlay of records
//! that a plan is about to write.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

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
    /// Every account that has a document, by key: what keeps clusters out of it, nothing when it is ready.
    /// Also of accounts without clusters, so that a cluster that is about to come is judged like one
    /// that is there.
    pub accounts: BTreeMap<Key, Vec<String>>,
    /// How new the documents are that it was read from.
    pub serials: Serials,
}

/// The serials of inventory documents: of each cluster and of each account. One that an older version
/// wrote has none and is left out, which is 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serials {
    /// By the cluster's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub clusters: BTreeMap<Key, u64>,
    /// By the account's key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<Key, u64>,
    /// The clusters whose files are not as they were written: their serials are only what they say.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub edited_clusters: BTreeSet<Key>,
    /// The accounts, likewise.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub edited_accounts: BTreeSet<Key>,
}
