//! The arguments and results of `data.fleet_inventory`.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::snapshot;
use tfplugin::{Attr, Object};

/// Reads the inventory: its store, as it is at plan, and nothing else. Do not make it depend on a
/// resource of the same configuration: what that is about to write is laid over the snapshot by
/// `provider::fleet::overlay`.
#[derive(Debug, Clone, Object)]
pub struct Model {
    /// The directory to read. Default: the place of the provider block's `inventory`, which for a branch of a Git repository
    /// is written `git::URL//FOLDER?ref=BRANCH`.
    #[attribute(optional, computed)]
    pub path: Attr<String>,
    /// Whether `clusters` is filled. A large fleet would fill the state with it.
    #[attribute(optional)]
    pub include_clusters: Attr<bool>,
    /// Whether `accounts` is filled.
    #[attribute(optional)]
    pub include_accounts: Attr<bool>,
    /// The placement facts and the admission of every cluster in one compact, canonical text: the
    /// first argument of `provider::fleet::overlay`.
    #[attribute(computed)]
    pub snapshot: Attr<String>,
    /// How many clusters there are.
    #[attribute(computed)]
    pub cluster_count: Attr<i64>,
    /// How many accounts there are; closed ones do not count.
    #[attribute(computed)]
    pub account_count: Attr<i64>,
    /// The clusters by name, when `include_clusters` is true.
    #[attribute(computed)]
    pub clusters: Attr<BTreeMap<String, Cluster>>,
    /// The accounts by key, when `include_accounts` is true; without closed ones.
    #[attribute(computed)]
    pub accounts: Attr<BTreeMap<String, Account>>,
}

/// A cluster of the inventory.
#[derive(Debug, Clone, Object)]
pub struct Cluster {
    /// The configuration that manages it.
    #[attribute(computed)]
    pub managed_by: Attr<String>,
    /// The key of its account.
    #[attribute(computed)]
    pub account: Attr<String>,
    /// The environment that it serves.
    #[attribute(computed)]
    pub environment: Attr<String>,
    /// Its region.
    #[attribute(computed)]
    pub region: Attr<String>,
    /// Its cloud.
    #[attribute(computed)]
    pub cloud: Attr<String>,
    /// Its availability zones.
    #[attribute(computed)]
    pub zones: Attr<BTreeSet<String>>,
    /// How much depends on it.
    #[attribute(computed)]
    pub tier: Attr<String>,
    /// The most sensitive data that may be on it.
    #[attribute(computed)]
    pub data_classification: Attr<String>,
    /// The team that answers for it.
    #[attribute(computed)]
    pub owner: Attr<String>,
    /// Its version of Kubernetes.
    #[attribute(computed)]
    pub kubernetes_version: Attr<String>,
    /// What selectors match.
    #[attribute(computed)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Its taints, as `key=value:effect`.
    #[attribute(computed)]
    pub taints: Attr<Vec<String>>,
    /// Who may place workloads on it, by `managed_by`; null is everybody.
    #[attribute(computed)]
    pub tenants: Attr<BTreeSet<String>>,
    /// Whether it takes new targets as far as its registration says.
    #[attribute(computed)]
    pub schedulable: Attr<bool>,
    /// `active` or `retired`.
    #[attribute(computed)]
    pub lifecycle_state: Attr<String>,
    /// Whether its account is ready.
    #[attribute(computed)]
    pub admitted: Attr<bool>,
    /// What keeps it from being admitted.
    #[attribute(computed)]
    pub open_checks: Attr<Vec<String>>,
}

/// An account of the inventory.
#[derive(Debug, Clone, Object)]
pub struct Account {
    /// The configuration that manages it.
    #[attribute(computed)]
    pub managed_by: Attr<String>,
    /// Its id.
    #[attribute(computed)]
    pub id: Attr<String>,
    /// Its name.
    #[attribute(computed)]
    pub name: Attr<String>,
    /// Its class.
    #[attribute(computed)]
    pub account_class: Attr<String>,
    /// Its environment.
    #[attribute(computed)]
    pub environment: Attr<String>,
    /// Its business owner.
    #[attribute(computed)]
    pub owner: Attr<String>,
    /// The most sensitive data that may be in it.
    #[attribute(computed)]
    pub data_classification: Attr<String>,
    /// How far it is.
    #[attribute(computed)]
    pub phase: Attr<String>,
    /// `active`, `frozen` or `retired`.
    #[attribute(computed)]
    pub lifecycle_phase: Attr<String>,
    /// Whether its clusters are admitted.
    #[attribute(computed)]
    pub ready: Attr<bool>,
    /// The checks that do not pass, or why else it is not ready.
    #[attribute(computed)]
    pub open_checks: Attr<Vec<String>>,
}

impl Cluster {
    /// What the file says, and the admission that was joined to it.
    pub(super) fn new(document: &ClusterDocument, placed: &snapshot::Cluster) -> Self {
        let ClusterDocument { managed_by, cluster: record, about, .. } = document.clone();
        let taint = |taint: &fleet_model::cluster::Taint| {
            if taint.value.is_empty() {
                format!("{}:{}", taint.key, taint.effect)
            } else {
                format!("{}={}:{}", taint.key, taint.value, taint.effect)
            }
        };
        Self {
            managed_by: Attr::Known(managed_by),
            account: Attr::Known(record.account.into()),
            environment: Attr::Known(record.environment),
            region: Attr::Known(record.region),
            cloud: Attr::Known(record.cloud),
            zones: Attr::Known(record.zones),
            tier: record.tier.into(),
            data_classification: Attr::Known(record.data_classification),
            owner: about.owner.into(),
            kubernetes_version: about.kubernetes_version.into(),
            labels: Attr::Known(record.labels),
            taints: Attr::Known(record.taints.iter().map(taint).collect()),
            tenants: record.tenants.into(),
            schedulable: Attr::Known(record.schedulable),
            lifecycle_state: Attr::Known(record.lifecycle_state.as_str().to_owned()),
            admitted: Attr::Known(placed.admitted),
            open_checks: Attr::Known(placed.open_checks.clone()),
        }
    }
}

impl From<AccountDocument> for Account {
    fn from(document: AccountDocument) -> Self {
        let not_ready = document.not_ready();
        let contract = document.contract;
        Self {
            managed_by: Attr::Known(document.managed_by),
            id: Attr::Known(document.id),
            name: Attr::Known(contract.name),
            account_class: Attr::Known(contract.account_class.as_str().to_owned()),
            environment: Attr::Known(contract.environment.into()),
            owner: Attr::Known(contract.owner.into()),
            data_classification: Attr::Known(contract.data_classification.into()),
            phase: Attr::Known(document.phase),
            lifecycle_phase: Attr::Known(document.lifecycle_phase.as_str().to_owned()),
            ready: Attr::Known(not_ready.is_empty()),
            open_checks: Attr::Known(not_ready.iter().map(ToString::to_string).collect()),
        }
    }
}
