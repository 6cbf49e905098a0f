//! The inventory documents (guide §9): one per account, one per cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::account::{BillingAccess, Contract};
use crate::cluster::Record;
use crate::contact::Contacts;
use crate::lifecycle::LifecyclePhase;
use crate::readiness::Verdict;

/// `accounts/<key>.yaml`: written by every apply of the account once it has an id. The gate of
/// guide §25.4 reads `ready` here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// When AWS took our request to close it (RFC 3339); written by the apply that closed it. A file
    /// whose `lifecycle_phase` is `closed` is a tombstone: it keeps key and email, which no other
    /// account can have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<String>,
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
    /// The arguments that are no part of the contract, so that an import can read them back.
    #[serde(default, skip_serializing_if = "Arguments::is_empty")]
    pub arguments: Arguments,
}

/// Arguments of `fleet_account` beside the contract of guide §14.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Arguments {
    /// Where the account belongs, as it was written: an id, or a path of OUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where a new account gets its baseline, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onboarding_parent: Option<String>,
    /// The tags of the resource; what others put on the account is not among them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that came from the provider's `default_tags`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub default_tags: BTreeSet<String>,
    /// Whether a destroy closes the account.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub close_on_deletion: bool,
    /// The operations that have a time of their own, with it: `create` → `30m`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub timeouts: BTreeMap<String, String>,
    /// The alternate contacts that the resource sets.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub alternate_contacts: Contacts,
    /// Whether IAM users and roles may see the account's bills, as it was created.
    #[serde(skip_serializing_if = "is_default")]
    pub iam_user_access_to_billing: BillingAccess,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl AccountDocument {
    /// Whether the file only keeps what a closed account had.
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.lifecycle_phase == LifecyclePhase::Closed
    }
}

impl Arguments {
    /// Whether every argument is left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
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
pub struct About {
    /// The team that answers for the cluster.
    pub owner: Option<String>,
    /// As the cloud writes it: `1.32`.
    pub kubernetes_version: Option<String>,
    /// Who syncs into the cluster.
    pub gitops: Option<Gitops>,
    /// What the cluster enforces.
    pub policies: Option<Policies>,
    /// How traffic comes in and goes out.
    pub networking: Option<Networking>,
    /// A date (`2026-06-01`) or a time of RFC 3339, as the user gave it.
    pub created_at: Option<String>,
    /// The same, for the day after which the cluster may go.
    pub decommission_after: Option<String>,
}

/// `gitops` of guide §9.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gitops {
    /// `argocd`, `flux` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Where the controller runs: `local` or `hub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller_mode: Option<String>,
}

/// `policies` of guide §9.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// `restricted` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// `required` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_verification: Option<String>,
}

/// `networking` of guide §9.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Networking {
    /// `private-gateway` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_class: Option<String>,
    /// `restricted` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_policy: Option<String>,
}

/// A text that is neither a date nor a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a date is written `2026-06-01`, a time `2026-06-01T00:00:00Z`")]
pub struct DateError;

/// Checks `created_at` and `decommission_after`: a calendar date, or a time of RFC 3339.
///
/// # Errors
/// [`DateError`], also for a day that no calendar has.
pub fn check_date(text: &str) -> Result<(), DateError> {
    // jiff's own grammar of dates is wider (`20260601`); the inventory has one spelling.
    let date = text.len() == 10 && text.as_bytes().get(4) == Some(&b'-');
    let valid = if date {
        text.parse::<jiff::civil::Date>().is_ok()
    } else {
        text.len() > 10 && text.parse::<jiff::Timestamp>().is_ok()
    };
    if valid { Ok(()) } else { Err(DateError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_one_spelling() {
        for good in ["2026-06-01", "2026-06-01T00:00:00Z", "2026-06-01T12:30:45+07:00"] {
            assert_eq!(check_date(good), Ok(()), "{good}");
        }
        for bad in ["", "2026-02-30", "20260601", "2026-6-1", "tomorrow", "2026-06-01T00:00:00"] {
            assert_eq!(check_date(bad), Err(DateError), "{bad}");
        }
    }
}
