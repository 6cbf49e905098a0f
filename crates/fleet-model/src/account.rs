//! The account request contract (guide §14) and what may stand in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::lifecycle::words;
use crate::name::{Key, Name};

/// The eleven account classes of guide §14. `organization-root` is the management account, which
/// is never vended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words of guide §14 say it")]
pub enum AccountClass {
    OrganizationRoot,
    SecurityAudit,
    LogArchive,
    NetworkTransit,
    SharedServices,
    PlatformTools,
    NonprodWorkloads,
    ProdWorkloads,
    RegulatedProdWorkloads,
    Sandbox,
    Breakglass,
}

words!(AccountClass {
    OrganizationRoot => "organization-root",
    SecurityAudit => "security-audit",
    LogArchive => "log-archive",
    NetworkTransit => "network-transit",
    SharedServices => "shared-services",
    PlatformTools => "platform-tools",
    NonprodWorkloads => "nonprod-workloads",
    ProdWorkloads => "prod-workloads",
    RegulatedProdWorkloads => "regulated-prod-workloads",
    Sandbox => "sandbox",
    Breakglass => "breakglass",
});

/// The baseline profiles: which controls an account must pass, and how strict they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselinePolicy {
    /// For experiments: short passwords policy, nothing shared.
    Sandbox,
    /// For everything that is not production.
    NonprodStandard,
    /// For production.
    ProdRestricted,
    /// For production that holds regulated data.
    Regulated,
}

words!(BaselinePolicy {
    Sandbox => "sandbox",
    NonprodStandard => "nonprod-standard",
    ProdRestricted => "prod-restricted",
    Regulated => "regulated",
});

/// The version of a baseline profile. The last two that were published are known; what a version asks for never changes, so
/// that an account is the same after an upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub enum BaselineVersion {
    /// As profiles were before they had versions: what an account has that says nothing of it.
    #[default]
    V1,
    /// With the switches of the account and its regions, and the root user.
    V2,
}

impl BaselineVersion {
    /// All, from the oldest.
    pub const ALL: [Self; 2] = [Self::V1, Self::V2];

    /// As users write it.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }

    /// The version of a number; `None` where it is not known here: newer, or not supported any more.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.number() == number)
    }

    /// Whether it is what an account has that says nothing of it.
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl TryFrom<i64> for BaselineVersion {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        Self::of(number)
            .ok_or_else(|| format!("this provider knows no version {number} of the baselines"))
    }
}

impl From<BaselineVersion> for i64 {
    fn from(version: BaselineVersion) -> Self {
        version.number()
    }
}

/// Who mends a control (DESIGN.md, "fleet_account").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ControlMode {
    /// We make it so, and repair it.
    Own,
    /// Somebody else owns it; we only check.
    Verify,
    /// Not looked at: the check is `not_applicable`.
    Ignore,
}

words!(ControlMode { Own => "own", Verify => "verify", Ignore => "ignore" });

/// Whether IAM users and roles of an account may see its bills
/// (`organizations:CreateAccount`, `IamUserAccessToBilling`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum BillingAccess {
    /// They may, as far as their policies let them: AWS's default.
    #[default]
    Allow,
    /// Only the root user may.
    Deny,
}

words!(BillingAccess { Allow => "ALLOW", Deny => "DENY" });

/// How the `sub` claim of a GitHub token is written (account-vending facts: repositories made,
/// renamed or moved since 2026-07-15 carry immutable ids).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectFormat {
    /// `repo:OWNER@OWNER_ID/REPO@REPO_ID:…`
    #[default]
    Immutable,
    /// `repo:OWNER/REPO:…`
    Legacy,
    /// Either of the two.
    Both,
}

words!(SubjectFormat { Immutable => "immutable", Legacy => "legacy", Both => "both" });

/// An OIDC identity provider that the account trusts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OidcProvider {
    /// The issuer, `https://…` without a trailing slash.
    pub url: String,
    /// The audiences (client ids) that are accepted.
    pub audiences: BTreeSet<String>,
}

/// Who may assume one of the account's federated roles.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FederatedRole {
    /// A key of [`Identity::providers`].
    pub provider: String,
    /// GitHub's numeric id of the owner; required unless the format is legacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
    /// GitHub's numeric id of the repository; required unless the format is legacy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<String>,
    /// How the subject is written.
    #[serde(default)]
    pub subject_format: SubjectFormat,
    /// The claims the token must carry (`repository`, and one of `environment`, `ref`, …).
    pub claims: BTreeMap<String, String>,
}

/// Federated access to the account (guide §15). The roles' names are `plan`, `apply`, `read-only`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Identity {
    /// Trusted issuers, by a name of the user's.
    pub providers: BTreeMap<String, OidcProvider>,
    /// Who may assume which role.
    pub roles: BTreeMap<String, FederatedRole>,
}

/// The account request contract of guide §14: everything that is asked for, nothing observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// Frozen at create; names the inventory file and seeds `fleet:id`.
    pub key: Key,
    /// The vendor that makes and keeps it, by its name in the provider block; without it the AWS organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// The account's name at AWS (1–50 printable ASCII characters).
    pub name: String,
    /// The root user's address (6–64 characters), unique in all of AWS.
    pub email: String,
    /// One of §14's classes.
    pub account_class: AccountClass,
    /// A free name: `prod`, `staging` …
    pub environment: Name,
    /// The business owner; the mutation owner is `managed_by`.
    pub owner: Name,
    /// A free name: `pci`, `internal` …
    pub data_classification: Name,
    /// The regions the account is used in.
    pub region_set: BTreeSet<String>,
    /// A free name: `private-service` …
    pub network_profile: Name,
    /// The profile of controls.
    pub baseline_policy: BaselinePolicy,
    /// The version of that profile.
    #[serde(default, skip_serializing_if = "BaselineVersion::is_default")]
    pub baseline_version: BaselineVersion,
    /// Who pays.
    pub budget_owner: Name,
    /// Whether GitOps controllers may be set up for clusters in this account.
    pub gitops_enabled: bool,
    /// Overrides of the profile's control modes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub controls: BTreeMap<String, ControlMode>,
    /// Federated access, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The name of the role that `CreateAccount` makes.
    pub role_name: String,
}
