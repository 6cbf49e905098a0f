//! The arguments and attributes of `fleet_cluster_registration`.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::cluster::Effect;
use fleet_model::lifecycle::LifecycleState;
use tfplugin::{Attr, Object};

/// Registers a cluster in the fleet's inventory, so that placements can decide on it. What is
/// asserted here is written to `clusters/<name>.yaml`; nothing is ever done to the cluster itself.
/// Every argument but `name` changes in place, and a registration is destroyed only after it was
/// retired.
#[derive(Debug, Clone, Object)]
pub struct Model {
    /// The cluster's name, unique in the whole fleet: 1 to 63 of a-z, 0-9, `-`, `_` and `.`. It
    /// cannot change.
    #[attribute(required)]
    pub name: Attr<String>,
    /// The environment that the cluster serves, for example `prod`.
    #[attribute(required)]
    pub environment: Attr<String>,
    /// The region, as its cloud writes it: `ap-southeast-1`.
    #[attribute(required)]
    pub region: Attr<String>,
    /// The cloud.
    #[attribute(optional, computed, default = "aws")]
    pub cloud: Attr<String>,
    /// The `key` of the account that the cluster runs in, not its id: the key is known in the plan
    /// that vends the account.
    #[attribute(required)]
    pub account: Attr<String>,
    /// The most sensitive data that may be on the cluster: `public`, `internal`, `pci` …
    #[attribute(required)]
    pub data_classification: Attr<String>,
    /// The team that answers for the cluster.
    #[attribute(optional)]
    pub owner: Attr<String>,
    /// How much depends on the cluster: `tier-0` …
    #[attribute(optional)]
    pub tier: Attr<String>,
    /// The version of Kubernetes: `1.32` or `1.32.4`, and what its vendor adds after `-` or `+`.
    #[attribute(optional)]
    pub kubernetes_version: Attr<String>,
    /// Who syncs into the cluster.
    #[attribute(optional)]
    pub gitops: Attr<Gitops>,
    /// What the cluster enforces.
    #[attribute(optional)]
    pub policies: Attr<Policies>,
    /// How traffic comes in and goes out.
    #[attribute(optional)]
    pub networking: Attr<Networking>,
    /// When the cluster was made: a date (`2026-06-01`) or a time (`2026-06-01T00:00:00Z`).
    #[attribute(optional)]
    pub created_at: Attr<String>,
    /// The day after which the cluster may go, written like `created_at`.
    #[attribute(optional)]
    pub decommission_after: Attr<String>,
    /// What selectors match: keys and values with the syntax of Kubernetes' labels. The prefix
    /// `fleet/` is reserved.
    #[attribute(optional)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// What keeps workloads away that do not tolerate it.
    #[attribute(optional)]
    pub taints: Attr<Vec<Taint>>,
    /// The availability zones that the cluster spans.
    #[attribute(optional)]
    pub zones: Attr<BTreeSet<String>>,
    /// Who may place workloads on the cluster, by the `managed_by` of their configurations. Default: everybody. A list is
    /// complete: name the configuration that registers the cluster too, if it places on it. An empty list lets nobody
    /// place there. What others have placed there already leaves with their next plan, within their limits.
    #[attribute(optional)]
    pub tenants: Attr<BTreeSet<String>>,
    /// `false` keeps new targets away from the cluster; those that are there stay.
    #[attribute(optional, computed, default = true)]
    pub schedulable: Attr<bool>,
    /// What is wished: `active`, or `retired`, which no selector matches and from which alone the
    /// registration can be destroyed.
    #[attribute(optional, computed, default = "active", validate(one_of(LifecycleState::WORDS)))]
    pub lifecycle_state: Attr<String>,
    /// The name.
    #[attribute(computed)]
    pub id: Attr<String>,
    /// The id of the account, once its inventory file exists.
    #[attribute(computed)]
    pub account_id: Attr<String>,
    /// The facts that placements decide on, as canonical JSON; known in every plan. An element of
    /// `records` of `provider::fleet::overlay`.
    #[attribute(computed)]
    pub record: Attr<String>,
    /// Whether the cluster takes new targets: the inventory file of its account says `ready: true`.
    /// While it does not, every plan shows an update in place, which looks again.
    #[attribute(computed)]
    pub admitted: Attr<bool>,
    /// What is: `active`, or `retired` once an apply has written it.
    #[attribute(computed)]
    pub lifecycle_phase: Attr<String>,
    /// SHA-256 of the inventory file as it was found; null when it is missing. A file that is
    /// missing or changed is written again.
    #[attribute(computed)]
    pub inventory_sha256: Attr<String>,
}

/// A mark that keeps workloads away.
#[derive(Debug, Clone, Object)]
pub struct Taint {
    /// What it is about: `maintenance` …
    #[attribute(required)]
    pub key: Attr<String>,
    /// A detail of the key.
    #[attribute(optional)]
    pub value: Attr<String>,
    /// `NoSelect` (targets leave), `PreferNoSelect` (chosen last) or `NoSelectIfNew` (targets
    /// that are there stay).
    #[attribute(required, validate(one_of(Effect::WORDS)))]
    pub effect: Attr<String>,
}

/// GitOps of the cluster.
#[derive(Debug, Clone, Object)]
pub struct Gitops {
    /// `argocd`, `flux`, `config-sync` or `rancher-fleet`.
    #[attribute(optional)]
    pub engine: Attr<String>,
    /// Where the controller runs: `local` (in the cluster) or `hub` (in another one).
    #[attribute(optional)]
    pub controller_mode: Attr<String>,
}

/// Policies of the cluster.
#[derive(Debug, Clone, Object)]
pub struct Policies {
    /// The baseline, for example `restricted`.
    #[attribute(optional)]
    pub baseline: Attr<String>,
    /// Whether images are verified, for example `required`.
    #[attribute(optional)]
    pub image_verification: Attr<String>,
}

/// Networking of the cluster.
#[derive(Debug, Clone, Object)]
pub struct Networking {
    /// For example `private-gateway`.
    #[attribute(optional)]
    pub ingress_class: Attr<String>,
    /// For example `restricted`.
    #[attribute(optional)]
    pub egress_policy: Attr<String>,
}
