//! The inventory documents (guide §9): one per account, one per cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::account::{BillingAccess, Contract};
use crate::cluster::{Problem, Record};
use crate::contact::Contacts;
use crate::lifecycle::LifecyclePhase;
use crate::name::{self, AccountId, Key};
use crate::readiness::Verdict;

/// The largest serial that a document can have. Each write takes the next one, so that only an edit comes
/// near it; every JSON reader can tell it from its neighbours.
pub const MAX_SERIAL: u64 = (1 << 53) - 1;

/// `accounts/<key>.yaml`: written by every apply of the account once it has an id. The gate of
/// guide §25.4 reads `ready` here and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountDocument {
    /// Grows with every write of another text, so that an older file is known as one. 0: written by a
    /// version that had none, or not written yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub serial: u64,
    /// The one mutation owner.
    pub managed_by: String,
    /// The account id.
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

    /// Why no cluster is admitted; empty when the account is ready. A document that contradicts itself
    /// is not ready, whatever its field `ready` says: somebody edited it, or half of a merge is in it.
    #[must_use]
    pub fn not_ready(&self) -> Vec<NotReady> {
        if self.is_tombstone() {
            return vec![NotReady::Closed];
        }
        let open = self.open_checks.keys().cloned().map(NotReady::Open);
        if !self.ready {
            let mut found: Vec<_> = open.collect();
            if found.is_empty() {
                found.push(NotReady::Phase(self.phase.clone()));
            }
            return found;
        }
        let failing = self.verdicts.iter().filter(|(_, verdict)| verdict.blocks());
        let failing =
            failing.map(|(check, verdict)| Contradiction::Verdict(check.clone(), *verdict));
        let mut found: Vec<Contradiction> = failing.collect();
        found.extend(self.open_checks.keys().cloned().map(Contradiction::Open));
        if self.phase != READY {
            found.push(Contradiction::Phase(self.phase.clone()));
        }
        if self.lifecycle_phase != LifecyclePhase::Active {
            found.push(Contradiction::Lifecycle(self.lifecycle_phase));
        }
        if self.closed_at.is_some() {
            found.push(Contradiction::ClosedAt);
        }
        if !self.verdicts.values().any(|verdict| *verdict == Verdict::Pass || verdict.blocks()) {
            found.push(Contradiction::NothingPasses);
        }
        if self.id.bytes().all(|digit| digit == b'0') {
            found.push(Contradiction::NoAccount);
        }
        found.into_iter().map(NotReady::Contradiction).collect()
    }

    /// Whether clusters are admitted.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.not_ready().is_empty()
    }
}

/// The phase of an account in which everything holds.
pub const READY: &str = "ready";

/// Why an account admits no cluster. `Display` is the entry in a list of what is open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The file is a tombstone.
    #[error("the account is closed")]
    Closed,
    /// A check that does not pass.
    #[error("{0}")]
    Open(String),
    /// Nothing was checked: how far the account is.
    #[error("phase {0}")]
    Phase(String),
    /// The file says `ready: true`, and something else that cannot be with it.
    #[error("the file says `ready: true` and {0}")]
    Contradiction(Contradiction),
}

/// What cannot stand beside `ready: true`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// A check that does not pass.
    #[error("the verdict of {0} is {1}")]
    Verdict(String, Verdict),
    /// A check that is open.
    #[error("the check {0} is open")]
    Open(String),
    /// Another phase.
    #[error("phase {0}")]
    Phase(String),
    /// A place in life where nothing is admitted.
    #[error("lifecycle_phase {0}")]
    Lifecycle(LifecyclePhase),
    /// A time of its closing.
    #[error("when the account was closed")]
    ClosedAt,
    /// No check that passes: nobody has looked at the account.
    #[error("no verdict that passes")]
    NothingPasses,
    /// An id that AWS gives to nobody.
    #[error("the id of no account")]
    NoAccount,
    /// The id of another account's file, which has this key.
    #[error("the id of the account {0}, too")]
    SameId(Key),
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

/// The most characters of a text that the inventory keeps and nothing decides on.
const LONGEST_TEXT: usize = 256;

/// The rule that such a text breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing in it.
    #[error("it is empty; leave it out, or set it to null")]
    Empty,
    /// More than a word or a sentence.
    #[error("it has more than {LONGEST_TEXT} characters")]
    Long,
    /// A line break, an escape sequence of a terminal …
    #[error("it has a control character")]
    Control,
}

/// Checks a text that nothing decides on, such as the owner of a cluster: people read it in files and
/// in terminals.
///
/// # Errors
/// The rule that it breaks.
pub fn check_text(text: &str) -> Result<(), TextError> {
    if text.is_empty() {
        Err(TextError::Empty)
    } else if text.chars().count() > LONGEST_TEXT {
        Err(TextError::Long)
    } else if text.chars().any(char::is_control) {
        Err(TextError::Control)
    } else {
        Ok(())
    }
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
    /// Everything that no configuration could have written.
    #[must_use]
    pub fn problems(&self) -> Vec<DocumentError> {
        let about = &self.about;
        let (gitops, policies, networking) =
            (about.gitops.as_ref(), about.policies.as_ref(), about.networking.as_ref());
        let texts = [
            ("managed_by", Some(&self.managed_by)),
            ("owner", about.owner.as_ref()),
            ("kubernetes_version", about.kubernetes_version.as_ref()),
            ("gitops.engine", gitops.and_then(|of| of.engine.as_ref())),
            ("gitops.controller_mode", gitops.and_then(|of| of.controller_mode.as_ref())),
            ("policies.baseline", policies.and_then(|of| of.baseline.as_ref())),
            ("policies.image_verification", policies.and_then(|of| of.image_verification.as_ref())),
            ("networking.ingress_class", networking.and_then(|of| of.ingress_class.as_ref())),
            ("networking.egress_policy", networking.and_then(|of| of.egress_policy.as_ref())),
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
        let dates = dates.into_iter().filter_map(|(field, text)| {
            let error = check_date(text?).err()?;
            Some(DocumentError::Date { field, error })
        });
        let serial = DocumentError::of_serial(self.serial);
        serial.into_iter().chain(facts).chain(texts).chain(dates).collect()
    }
}

impl AccountDocument {
    /// Everything that no configuration and no apply could have written.
    #[must_use]
    pub fn problems(&self) -> Vec<DocumentError> {
        let Contract { name, email, region_set, role_name, .. } = &self.contract;
        let id = AccountId::new(self.id.clone()).err().map(DocumentError::Id);
        let texts = [
            ("managed_by", &self.managed_by),
            ("phase", &self.phase),
            ("contract.name", name),
            ("contract.email", email),
            ("contract.role_name", role_name),
        ];
        let regions = region_set.iter().map(|region| ("contract.region_set", region));
        let registrars = self.registrars.iter().flatten().map(|name| ("registrars", name));
        let texts =
            texts.into_iter().chain(regions).chain(registrars).filter_map(|(field, text)| {
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
mod tests {
    use super::*;

    fn document() -> AccountDocument {
        let text = r#"{
            "managed_by": "us", "id": "111122223333", "phase": "ready", "lifecycle_phase": "active", "ready": true,
            "digest": "d", "verdicts": {"regions": "pass", "contacts": "not_applicable"},
            "contract": {"key": "pay", "name": "pay", "email": "pay@example.com", "account_class": "sandbox",
                "environment": "dev", "owner": "team", "data_classification": "internal", "region_set": ["eu-west-1"],
                "network_profile": "private", "baseline_policy": "sandbox", "budget_owner": "team",
                "gitops_enabled": false, "role_name": "r"}
        }"#;
        serde_json::from_str(text).unwrap()
    }

    fn open(check: &str) -> BTreeMap<String, String> {
        [(check.to_owned(), "none".to_owned())].into()
    }

    #[test]
    fn a_document_that_contradicts_itself_is_not_ready() {
        let ready = document();
        assert!(ready.is_ready());
        let verdict = |verdict| [("regions".to_owned(), verdict)].into();
        let contradictions = [
            AccountDocument { verdicts: verdict(Verdict::Fail), ..ready.clone() },
            AccountDocument { verdicts: verdict(Verdict::Unknown), ..ready.clone() },
            AccountDocument { open_checks: open("contacts"), ..ready.clone() },
            AccountDocument { phase: "baselined".into(), ..ready.clone() },
            AccountDocument { phase: "suspended".into(), ..ready.clone() },
            AccountDocument { lifecycle_phase: LifecyclePhase::Frozen, ..ready.clone() },
            AccountDocument { lifecycle_phase: LifecyclePhase::Retired, ..ready.clone() },
            AccountDocument { closed_at: Some("2026-06-01T00:00:00Z".into()), ..ready.clone() },
            AccountDocument { verdicts: BTreeMap::new(), ..ready.clone() },
            AccountDocument { verdicts: verdict(Verdict::NotApplicable), ..ready.clone() },
            AccountDocument { id: "000000000000".into(), ..ready.clone() },
        ];
        let said: Vec<String> = contradictions
            .iter()
            .map(|of| {
                assert!(!of.is_ready());
                of.not_ready().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            })
            .collect();
        assert_eq!(
            said,
            [
                "the file says `ready: true` and the verdict of regions is fail",
                "the file says `ready: true` and the verdict of regions is unknown",
                "the file says `ready: true` and the check contacts is open",
                "the file says `ready: true` and phase baselined",
                "the file says `ready: true` and phase suspended",
                "the file says `ready: true` and lifecycle_phase frozen",
                "the file says `ready: true` and lifecycle_phase retired",
                "the file says `ready: true` and when the account was closed",
                "the file says `ready: true` and no verdict that passes",
                "the file says `ready: true` and no verdict that passes",
                "the file says `ready: true` and the id of no account",
            ]
        );
        let closed = AccountDocument { lifecycle_phase: LifecyclePhase::Closed, ..ready.clone() };
        assert_eq!(closed.not_ready(), [NotReady::Closed]);
        let not = AccountDocument { ready: false, ..ready };
        assert_eq!(not.not_ready(), [NotReady::Phase("ready".into())]);
        let not = AccountDocument { open_checks: open("contacts"), ..not };
        assert_eq!(not.not_ready(), [NotReady::Open("contacts".into())]);
    }

    #[test]
    fn texts_that_people_read_have_no_control_characters() {
        assert_eq!(check_text("Team Zahlungsverkehr, 2. Stock"), Ok(()));
        assert_eq!(check_text(""), Err(TextError::Empty));
        assert_eq!(check_text(&"é".repeat(256)), Ok(()));
        assert_eq!(check_text(&"é".repeat(257)), Err(TextError::Long));
        for bad in ["a\nb", "\u{1b}[31m", "a\u{85}b", "\0"] {
            assert_eq!(check_text(bad), Err(TextError::Control), "{bad:?}");
        }
    }

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
