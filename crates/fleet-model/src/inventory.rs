//! The inventory documents (guide §9): one per account, one per cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::Contract;
use crate::cluster::Record;
use crate::lifecycle::LifecyclePhase;
use crate::readiness::Verdict;

/// `accounts/<key>.yaml`: written by every apply of the account once it has an id. The gate of
/// guide §25.4 reads `ready` here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDocument {
    /// The one mutation owner.
    pub managed_by: String,
    /// The account id.
    pub id: String,
    /// What was asked for.
    pub contract: Contract,
    /// The end of the unbroken run of phases.
    pub phase: String,
    /// Where the account is in its life.
    pub lifecycle_phase: LifecyclePhase,
    /// Whether clusters are admitted.
    pub ready: bool,
    /// Digest of the readiness checks.
    pub digest: String,
    /// Verdict per check.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Checks that do not pass, with what was observed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_checks: BTreeMap<String, String>,
    /// Values of settings (objects without tags) as they were before we first changed them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prior_settings: BTreeMap<String, String>,
}

/// `clusters/<name>.yaml`: `managed_by` and the asserted arguments of a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterDocument {
    /// The one mutation owner.
    pub managed_by: String,
    /// The placement facts.
    pub cluster: Record,
    /// Everything else of guide §9 that does not place: owner, versions, GitOps, policies, networking.
    #[serde(default)]
    pub about: About,
}

/// The part of guide §9 that placement does not look at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of guide §9 under their own names")]
pub struct About {
    pub owner: Option<String>,
    pub kubernetes_version: Option<String>,
    pub gitops: BTreeMap<String, String>,
    pub policies: BTreeMap<String, String>,
    pub networking: BTreeMap<String, String>,
    pub created_at: Option<String>,
    pub decommission_after: Option<String>,
}
