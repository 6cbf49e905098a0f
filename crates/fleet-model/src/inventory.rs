//! The inventory documents (guide §9): one per account, one per cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::account::{BillingAccess, Contract};
use crate::cluster::{Particulars, Problem, Record};
use crate::contact::Contacts;
use crate::lifecycle::LifecyclePhase;
use crate::name::{self, AccountId};
use crate::readiness::Verdict;

mod gate;

pub use crate::software::{SoftwareError, check_controller_mode, check_engine, check_version};
pub use crate::text::{TextError, check_text};
pub use gate::{Contradiction, NotReady, READY};

/// The largest serial that a document can have. Each write takes the next one, so that only an edit comes
/// near it; every JSON reader can tell it from its neighbours.
pub const MAX_SERIAL: u64 = (1 << 53) - 1;

/// `accounts/<key>.yaml`: written by every apply of the account once it has an id. The gate of
/// guide §25.4 reads `ready` here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDocument {
    /// Grows with every write of another text, so that an older file is known as one. 0: written by a
    /// version that had none, or not written yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub serial: u64,
    /// The one mutation owner.
    pub managed_by: String,
    /// The account id, as its cloud has it.
    pub id: String,
    /// Who may register clusters in the account, by `managed_by`; without it only the account's own manager.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registrars: Option<BTreeSet<String>>,
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
    /// Whether clusters are admitted, by the word of this field alone: [`AccountDocument::not_ready`] decides.
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
    /// Whether the file that this was read from is not as an apply wrote it: lines were changed or taken out. A document
    /// that was not read from a file is not edited.
    #[serde(skip)]
    pub edited: bool,
}

/// Arguments of `fleet_account` beside the contract of guide §14.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
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
    /// What the vendor takes beside the other arguments: a JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_settings: Option<String>,
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
    /// As [`AccountDocument::serial`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub serial: u64,
    /// The one mutation owner.
    pub managed_by: String,
    /// The placement facts.
    pub cluster: Record,
    /// Everything else of guide §9 that does not place: owner, versions, GitOps, policies, networking.
    #[serde(default)]
    pub about: About,
}

/// The part of guide §9 that is no part of the record. Placements see owner and version of it, as [`ClusterDocument::placed`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The team that answers for the cluster.
    pub owner: Option<String>,
    /// `1.32`, `1.32.4-eks-abc`.
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
#[serde(default)]
pub struct Gitops {
    /// `argocd`, `flux`, `config-sync` or `rancher-fleet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// Where the controller runs: `local` or `hub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controller_mode: Option<String>,
}

/// `policies` of guide §9.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
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
#[serde(default)]
pub struct Networking {
    /// `private-gateway` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_class: Option<String>,
    /// `restricted` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_policy: Option<String>,
}

/// What in a document cannot be, although it can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A placement fact.
    #[error("{0}")]
    Fact(Problem),
    /// A text.
    #[error("{field}: {error}")]
    Text {
        /// Which.
        field: &'static str,
        /// Its rule.
        error: TextError,
    },
    /// A version, or a word about who syncs.
    #[error("{field}: {error}")]
    Software {
        /// Which.
        field: &'static str,
        /// Its rule.
        error: SoftwareError,
    },
    /// A date.
    #[error("{field}: {error}")]
    Date {
        /// Which.
        field: &'static str,
        /// Its rule.
        error: DateError,
    },
    /// An id.
    #[error("id: {0}")]
    Id(name::Error),
    /// A serial that no number of writes leads to.
    #[error("serial: it is greater than {MAX_SERIAL}")]
    Serial,
}

impl DocumentError {
    fn of_serial(serial: u64) -> Option<Self> {
        (serial > MAX_SERIAL).then_some(Self::Serial)
    }
}

impl ClusterDocument {
    /// The record as placements see it: with what the document says in fields of its own.
    #[must_use]
    pub fn placed(&self) -> Record {
        let particulars = Particulars {
            managed_by: self.managed_by.clone(),
            owner: self.about.owner.clone(),
            kubernetes_version: self.about.kubernetes_version.clone(),
        };
        Record { particulars: Some(particulars), ..self.cluster.clone() }
    }

    /// Everything that no configuration could have written.
    #[must_use]
    pub fn problems(&self) -> Vec<DocumentError> {
        let about = &self.about;
        let (gitops, policies, networking) =
            (about.gitops.as_ref(), about.policies.as_ref(), about.networking.as_ref());
        let texts = [
            ("managed_by", Some(&self.managed_by)),
            ("owner", about.owner.as_ref()),
            ("policies.baseline", policies.and_then(|of| of.baseline.as_ref())),
            ("policies.image_verification", policies.and_then(|of| of.image_verification.as_ref())),
            ("networking.ingress_class", networking.and_then(|of| of.ingress_class.as_ref())),
            ("networking.egress_policy", networking.and_then(|of| of.egress_policy.as_ref())),
        ];
        type Rule = fn(&str) -> Result<(), SoftwareError>;
        let software: [(_, Option<&String>, Rule); 3] = [
            ("kubernetes_version", about.kubernetes_version.as_ref(), check_version),
            ("gitops.engine", gitops.and_then(|of| of.engine.as_ref()), check_engine),
            (
                "gitops.controller_mode",
                gitops.and_then(|of| of.controller_mode.as_ref()),
                check_controller_mode,
            ),
        ];
        let dates = [
            ("created_at", about.created_at.as_ref()),
            ("decommission_after", about.decommission_after.as_ref()),
        ];
        let facts = self.cluster.problems().into_iter().map(DocumentError::Fact);
        let texts = texts.into_iter().filter_map(|(field, text)| {
            let error = check_text(text?).err()?;
            Some(DocumentError::Text { field, error })
        });
        let software = software.into_iter().filter_map(|(field, text, rule)| {
            let error = rule(text?).err()?;
            Some(DocumentError::Software { field, error })
        });
        let dates = dates.into_iter().filter_map(|(field, text)| {
            let error = check_date(text?).err()?;
            Some(DocumentError::Date { field, error })
        });
        let serial = DocumentError::of_serial(self.serial);
        serial.into_iter().chain(facts).chain(texts).chain(software).chain(dates).collect()
    }
}

impl AccountDocument {
    /// Everything that no configuration and no apply could have written.
    #[must_use]
    pub fn problems(&self) -> Vec<DocumentError> {
        let Contract { vendor, name, email, region_set, role_name, .. } = &self.contract;
        let id = match vendor {
            None => AccountId::new(self.id.clone()).err().map(DocumentError::Id),
            Some(_) => None,
        };
        let texts = [
            ("managed_by", &self.managed_by),
            ("phase", &self.phase),
            ("contract.name", name),
            ("contract.role_name", role_name),
        ];
        // What another cloud calls an account is its own to say.
        let of_vendor =
            vendor.iter().flat_map(|name| [("contract.vendor", name), ("id", &self.id)]);
        // Only AWS has an address for each account.
        let email =
            Some(("contract.email", email)).filter(|_| vendor.is_none() || !email.is_empty());
        let regions = region_set.iter().map(|region| ("contract.region_set", region));
        let registrars = self.registrars.iter().flatten().map(|name| ("registrars", name));
        let texts = texts
            .into_iter()
            .chain(of_vendor)
            .chain(email)
            .chain(regions)
            .chain(registrars)
            .filter_map(|(field, text)| {
                let error = check_text(text).err()?;
                Some(DocumentError::Text { field, error })
            });
        DocumentError::of_serial(self.serial).into_iter().chain(id).chain(texts).collect()
    }
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
mod tests;
