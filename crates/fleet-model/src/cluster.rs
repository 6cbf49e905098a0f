//! Clusters: the record that placement sees, and the document the inventory keeps (guide §9).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::lifecycle::{LifecycleState, words};
use crate::name::Key;

/// What a taint does to a workload that does not tolerate it (Open Cluster Management's effects).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Effect {
    /// Not selected; targets that are there leave.
    NoSelect,
    /// Selected last.
    PreferNoSelect,
    /// Not newly selected; targets that are there stay.
    NoSelectIfNew,
}

words!(Effect {
    NoSelect => "NoSelect",
    PreferNoSelect => "PreferNoSelect",
    NoSelectIfNew => "NoSelectIfNew",
});

/// A mark on a cluster that keeps workloads away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taint {
    /// What it is about: `maintenance` …
    pub key: String,
    /// A detail of the key; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What it does.
    pub effect: Effect,
}

/// The placement facts of a cluster: only what is *asserted* by its registration, nothing that a
/// cloud tells later, so that it is known in the first plan. Its canonical JSON is
/// `fleet_cluster_registration.record`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Unique in the fleet.
    pub name: Key,
    /// The key of the account it runs in.
    pub account: Key,
    /// The cluster's environment.
    pub environment: String,
    /// The cloud's name of the region.
    pub region: String,
    /// `aws`, …
    pub cloud: String,
    /// Availability zones.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub zones: BTreeSet<String>,
    /// A free name: `tier-0` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// A free name: `pci` …
    pub data_classification: String,
    /// What selectors match.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// What keeps workloads away.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub taints: BTreeSet<Taint>,
    /// `false` keeps every new target away; incumbents stay.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub schedulable: bool,
    /// A retired cluster is matched by no selector.
    #[serde(default)]
    pub lifecycle_state: LifecycleState,
}

fn yes() -> bool {
    true
}
