//! The arguments and attributes of `fleet_placement`.

use std::collections::{BTreeMap, BTreeSet};

use fleet_placement::{Mode, Operator, TolerationOperator};
use tfplugin::{Attr, Object};

/// Turns a selector into concrete targets: which clusters a workload runs on, in which role, and
/// why. The decision is made in the plan, shown in it, and carried out as it was shown, or not at
/// all. It keeps the targets there are, changes no more at once than `blast_radius` allows, and
/// emits files for a GitOps controller; it never talks to a cluster.
#[derive(Debug, Clone, Object)]
pub struct Model {
    /// Names the placement and its files, and seeds the order in which clusters are taken. Fixed at
    /// create. Default: `<app>-<environment>`.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    pub key: Attr<String>,
    /// The workload's name. It has the characters of a Kubernetes label.
    #[attribute(required, validate(length(1..=63)))]
    pub app: Attr<String>,
    /// The workload's environment: `dev`, `prod` … A name of a-z, 0-9 and -, as those of clusters.
    #[attribute(required, validate(length(1..=63)))]
    pub environment: Attr<String>,
    /// The Kubernetes namespace the workload runs in.
    #[attribute(required, validate(length(1..=63)))]
    pub namespace: Attr<String>,
    /// The fleet to choose from: `provider::fleet::overlay(data.fleet_inventory.this.snapshot,
    /// [fleet_cluster_registration.example.record])`, or the snapshot alone. Write-only: it is in
    /// no state, and a change in it that does not change the targets makes no diff. It must be known
    /// at plan.
    #[attribute(required, write_only)]
    pub inventory: Attr<String>,
    /// Which clusters fit. Everything that is given must hold.
    #[attribute(optional)]
    pub selector: Attr<Selector>,
    /// How many clusters, where, and in which roles.
    #[attribute(optional)]
    pub strategy: Attr<Strategy>,
    /// Taints that do not keep this workload away.
    #[attribute(optional)]
    pub tolerations: Attr<Vec<Option<Toleration>>>,
    /// How much one change may move, compared with the targets in the state. A create has none and
    /// is not limited, unless files of this placement are there already: then their targets count.
    /// `blast_radius` of the provider block limits all placements of a run together.
    #[attribute(optional)]
    pub blast_radius: Attr<BlastRadius>,
    /// What is written for a GitOps controller to read.
    #[attribute(optional)]
    pub emit: Attr<Emit>,
    /// The key.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub id: Attr<String>,
    /// The clusters the workload runs on, by name. Known in the first plan.
    #[attribute(computed)]
    pub targets: Attr<BTreeMap<String, Target>>,
    /// What was emitted, by path; an artifact without a directory goes by its file name.
    #[attribute(computed)]
    pub artifacts: Attr<BTreeMap<String, Artifact>>,
    /// The fingerprint of the inventory files that were acknowledged last although they were older than what
    /// this placement had seen; null where none ever were.
    #[attribute(computed)]
    pub acknowledged: Attr<String>,
}

/// Which clusters fit.
#[derive(Debug, Clone, Object)]
pub struct Selector {
    /// The clusters' environment. Default: the workload's.
    #[attribute(optional)]
    pub environment: Attr<String>,
    /// Allowed regions. Default: every region.
    #[attribute(optional)]
    pub regions: Attr<BTreeSet<Option<String>>>,
    /// Labels and the values they must have. A label that no cluster carries is an error.
    #[attribute(optional)]
    pub match_labels: Attr<BTreeMap<String, Option<String>>>,
    /// Further conditions on labels, with the semantics of Kubernetes.
    #[attribute(optional)]
    pub match_expressions: Attr<Vec<Option<MatchExpression>>>,
    /// Allowed data classifications. Default: every one.
    #[attribute(optional)]
    pub data_classification: Attr<BTreeSet<Option<String>>>,
    /// Allowed tiers. Default: every one.
    #[attribute(optional)]
    pub tier: Attr<BTreeSet<Option<String>>>,
    /// Allowed clusters, by name. Default: every one.
    #[attribute(optional)]
    pub names: Attr<BTreeSet<Option<String>>>,
    /// Allowed accounts, by key. Default: every one.
    #[attribute(optional)]
    pub accounts: Attr<BTreeSet<Option<String>>>,
    /// Allowed owners: the teams that answer for the clusters. A cluster without an owner has none of them. Default:
    /// every one, and none.
    #[attribute(optional)]
    pub owners: Attr<BTreeSet<Option<String>>>,
    /// Allowed clouds. Default: every one.
    #[attribute(optional)]
    pub clouds: Attr<BTreeSet<Option<String>>>,
    /// Allowed configurations, by the `managed_by` of the provider block that registers the cluster. Default: every one.
    #[attribute(optional)]
    pub managed_by: Attr<BTreeSet<Option<String>>>,
    /// Availability zones of which the cluster has to span at least one. Default: any, and none.
    #[attribute(optional)]
    pub zones: Attr<BTreeSet<Option<String>>>,
    /// Allowed versions of Kubernetes: `>= 1.31, < 1.33`. Conditions with commas between must all hold; they are written with
    /// `=`, `!=`, `>`, `>=`, `<`, `<=` and `~>`, as Terraform's. What a vendor adds to a version (`1.32.4-eks-1a2b3c`)
    /// does not count, and a cluster that names no patch (`1.32`) fits where each patch would. A target leaves when its cluster is
    /// upgraded out of the range, within `blast_radius`. Default: every version, and none.
    #[attribute(optional)]
    pub kubernetes_version: Attr<String>,
}

/// A condition on a label.
#[derive(Debug, Clone, Object)]
pub struct MatchExpression {
    /// The label's key.
    #[attribute(required)]
    pub key: Attr<String>,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`. `NotIn` and `DoesNotExist` hold for a cluster
    /// without the label, as in Kubernetes.
    #[attribute(required, validate(one_of(Operator::WORDS)))]
    pub operator: Attr<String>,
    /// The values of `In` and `NotIn`.
    #[attribute(optional)]
    pub values: Attr<BTreeSet<Option<String>>>,
}

/// How many clusters, where, and in which roles.
#[derive(Debug, Clone, Object)]
pub struct Strategy {
    /// The operating mode: `backup-restore`, `pilot-light`, `warm-standby`, `active-passive` or
    /// `active-active`. Without one every target is `active`.
    #[attribute(optional, validate(one_of(Mode::WORDS)))]
    pub mode: Attr<String>,
    /// The most targets. Fewer is a warning. Default: every cluster that fits.
    #[attribute(optional)]
    pub count: Attr<i64>,
    /// In how many regions at least; fewer is an error. Default: 2 with a mode other than
    /// `backup-restore`, else 1.
    #[attribute(optional)]
    pub min_regions: Attr<i64>,
    /// The most targets in one region. Default: no limit.
    #[attribute(optional)]
    pub max_clusters_per_region: Attr<i64>,
    /// The region that serves first. Required by every mode but `active-active`, which has none.
    #[attribute(optional)]
    pub primary_region: Attr<String>,
}

/// A taint that does not keep this workload away.
#[derive(Debug, Clone, Object)]
pub struct Toleration {
    /// The taint's key.
    #[attribute(required)]
    pub key: Attr<String>,
    /// `Exists` (any value) or `Equal`.
    #[attribute(required, validate(one_of(TolerationOperator::WORDS)))]
    pub operator: Attr<String>,
    /// The taint's value, with `Equal`.
    #[attribute(optional)]
    pub value: Attr<String>,
    /// The taint's effect: `NoSelect`, `PreferNoSelect` or `NoSelectIfNew`. Default: every effect.
    #[attribute(optional, validate(one_of(fleet_model::cluster::Effect::WORDS)))]
    pub effect: Attr<String>,
}

/// How much one change may move.
#[derive(Debug, Clone, Object)]
pub struct BlastRadius {
    /// The most targets that one change may add.
    #[attribute(optional)]
    pub max_added: Attr<i64>,
    /// The most targets that one change may remove.
    #[attribute(optional)]
    pub max_removed: Attr<i64>,
    /// The most regions in which one change may add or remove targets or change their roles.
    #[attribute(optional)]
    pub max_regions_touched: Attr<i64>,
    /// The fingerprint of the one change that may go beyond these limits, as the error shows it; several, with
    /// spaces between, where one plan has several things to acknowledge. Write-only.
    #[attribute(optional, write_only)]
    pub acknowledge: Attr<String>,
}

/// What is written for a GitOps controller to read.
#[derive(Debug, Clone, Object)]
pub struct Emit {
    /// An Argo CD ApplicationSet with a frozen list of the targets.
    #[attribute(optional)]
    pub argocd: Attr<EmitArgocd>,
    /// The targets as plain JSON.
    #[attribute(optional)]
    pub json: Attr<EmitJson>,
}

/// An Argo CD ApplicationSet. Every text is literal: `{{` is refused.
#[derive(Debug, Clone, Object)]
pub struct EmitArgocd {
    /// The directory of `<key>.yaml`, relative to the working directory, outside of the inventory.
    /// Without it the manifest is the attribute `content` of the artifact.
    #[attribute(optional, validate(length(1..)))]
    pub path: Attr<String>,
    /// The Argo CD project, which bounds what the Applications may touch.
    #[attribute(required)]
    pub project: Attr<String>,
    /// The repository of the workload's manifests: `https://HOST/PATH`, `ssh://USER@HOST/PATH` or
    /// `USER@HOST:PATH`, without a password or token, which Argo CD has elsewhere.
    #[attribute(required)]
    pub repo_url: Attr<String>,
    /// The branch, tag or commit.
    #[attribute(required)]
    pub target_revision: Attr<String>,
    /// The directory in the repository: relative, without `..`.
    #[attribute(required)]
    pub source_path: Attr<String>,
    /// The namespace Argo CD watches. Default: `argocd`.
    #[attribute(optional)]
    pub namespace: Attr<String>,
}

/// The targets as plain JSON.
#[derive(Debug, Clone, Object)]
pub struct EmitJson {
    /// The directory of `<key>.json`, relative to the working directory, outside of the inventory.
    /// Without it the text is the attribute `content` of the artifact.
    #[attribute(optional, validate(length(1..)))]
    pub path: Attr<String>,
}

/// A cluster the workload runs on.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct Target {
    /// The cluster's region.
    #[attribute(computed)]
    pub region: Attr<String>,
    /// The key of the cluster's account. A cluster that is on another account later is another
    /// cluster to the placement.
    #[attribute(computed)]
    pub account: Attr<String>,
    /// The cluster's cloud.
    #[attribute(computed)]
    pub cloud: Attr<String>,
    /// `active`, `backup`, `pilot`, `standby` or `passive`.
    #[attribute(computed)]
    pub role: Attr<String>,
    /// The wave in which changes reach it; none yet.
    #[attribute(computed)]
    pub wave: Attr<String>,
    /// Why it was taken when it became a target.
    #[attribute(computed)]
    pub reason: Attr<String>,
}

/// An emitted artifact.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct Artifact {
    /// SHA-256 of the file as it was found, null when it is missing.
    #[attribute(computed)]
    pub sha256: Attr<String>,
    /// Group, version and kind of a Kubernetes manifest.
    #[attribute(computed)]
    pub gvk: Attr<String>,
    /// The text, where no directory was given.
    #[attribute(computed)]
    pub content: Attr<String>,
}
