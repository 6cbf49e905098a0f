//! A member account's IAM and regions, and the organization's service control policies, as the
//! controls need them: few reads, each a whole picture, and one verb that carries out a change.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::tags;
use serde::{Deserialize, Serialize};

use super::{AccountId, AccountSettings, Call, RootUser, Settings, owns_role};
use crate::error::{Error, Kind};

/// Tags of an object.
pub type Tags = BTreeMap<String, String>;

/// Who manages an object, by its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// `fleet:managed-by` is ours, and so is `fleet:id`.
    Us,
    /// Another manager, or the same manager for another account.
    Other(String),
    /// No `fleet:managed-by`: made by hand or by another tool.
    Nobody,
}

impl Holder {
    /// Reads the marks. An object of the same manager with another `fleet:id` is not ours either.
    #[must_use]
    pub fn of(marks: &Tags, tags: &Tags) -> Self {
        match tags.get(tags::MANAGED_BY) {
            None => Self::Nobody,
            manager if manager != marks.get(tags::MANAGED_BY) => {
                Self::Other(manager.cloned().unwrap_or_default())
            }
            Some(manager) => match tags.get(tags::ID) {
                id if id == marks.get(tags::ID) => Self::Us,
                _ => Self::Other(format!(
                    "{manager} (key {})",
                    tags.get(tags::KEY).map_or("unknown", String::as_str)
                )),
            },
        }
    }
}

/// A role as it is. Documents are JSON text, already URL-decoded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// Its trust policy.
    pub trust: String,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// Names of inline policies.
    pub inline: BTreeSet<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A customer-managed policy as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// The default version's document, URL-decoded.
    pub document: String,
    /// Versions that are not the default, oldest first. AWS keeps at most five in all.
    pub other_versions: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// The roles and policies that were asked for and are there, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identities {
    /// Roles.
    pub roles: BTreeMap<String, Role>,
    /// Customer-managed policies.
    pub policies: BTreeMap<String, ManagedPolicy>,
}

/// An OIDC provider as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OidcProvider {
    /// Its ARN.
    pub arn: String,
    /// Its client ids.
    pub audiences: BTreeSet<String>,
    /// Its tags.
    pub tags: Tags,
}

/// An account's password policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// At least this many characters.
    pub minimum_length: i32,
    /// At least one lower-case letter.
    pub lowercase: bool,
    /// At least one upper-case letter.
    pub uppercase: bool,
    /// At least one digit.
    pub numbers: bool,
    /// At least one symbol.
    pub symbols: bool,
    /// Whether users may change their own password.
    pub users_may_change: bool,
    /// Days until a password expires; none: never.
    pub max_age_days: Option<i32>,
    /// How many former passwords are refused; none: no check.
    pub reuse_prevention: Option<i32>,
    /// Whether an expired password can only be reset by an administrator.
    pub hard_expiry: bool,
}

/// A region's state for an account, as `account:ListRegions` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "AWS's own words")]
pub enum RegionStatus {
    Enabled,
    EnabledByDefault,
    Enabling,
    Disabling,
    Disabled,
}

impl RegionStatus {
    /// AWS's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::EnabledByDefault => "ENABLED_BY_DEFAULT",
            Self::Enabling => "ENABLING",
            Self::Disabling => "DISABLING",
            Self::Disabled => "DISABLED",
        }
    }

    /// Whether the region can be used.
    #[must_use]
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Enabled | Self::EnabledByDefault)
    }
}

/// The state of every region that the account knows.
pub type RegionStatuses = BTreeMap<String, RegionStatus>;

/// One change to a member account's IAM. Decisions are made of these, so that they can be shown,
/// compared and tested without a network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parameters of the IAM calls under their own names")]
pub enum Change {
    /// `iam:CreatePolicy`
    CreatePolicy { name: String, description: String, document: String, tags: Tags },
    /// `iam:CreatePolicyVersion` as default, after `iam:DeletePolicyVersion` when five are there.
    UpdatePolicy { arn: String, document: String, delete_version: Option<String> },
    /// `iam:CreateRole`
    CreateRole { name: String, description: String, trust: String, boundary: String, tags: Tags },
    /// `iam:PutRolePermissionsBoundary`
    PutBoundary { role: String, boundary: String },
    /// `iam:AttachRolePolicy`
    AttachPolicy { role: String, policy: String },
    /// `iam:DetachRolePolicy`
    DetachPolicy { role: String, policy: String },
    /// `iam:DeleteRolePolicy`
    DeleteInlinePolicy { role: String, name: String },
    /// `iam:UpdateAssumeRolePolicy`
    UpdateTrust { role: String, trust: String },
    /// `iam:TagRole`
    TagRole { role: String, tags: Tags },
    /// `iam:CreateOpenIDConnectProvider`
    CreateProvider { url: String, audiences: BTreeSet<String>, tags: Tags },
    /// `iam:AddClientIDToOpenIDConnectProvider`
    AddAudience { arn: String, audience: String },
    /// `iam:RemoveClientIDFromOpenIDConnectProvider`
    RemoveAudience { arn: String, audience: String },
    /// `iam:TagOpenIDConnectProvider`
    TagProvider { arn: String, tags: Tags },
    /// `iam:DeleteOpenIDConnectProvider`
    DeleteProvider { arn: String },
    /// `iam:UpdateAccountPasswordPolicy`
    PutPasswordPolicy(PasswordPolicy),
    /// `iam:DeleteAccountPasswordPolicy`
    DeletePasswordPolicy,
}

// === impl Change ===

impl Change {
    /// The role that it makes or changes.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        match self {
            Self::CreateRole { name: role, .. }
            | Self::PutBoundary { role, .. }
            | Self::AttachPolicy { role, .. }
            | Self::DetachPolicy { role, .. }
            | Self::DeleteInlinePolicy { role, .. }
            | Self::UpdateTrust { role, .. }
            | Self::TagRole { role, .. } => Some(role),
            Self::CreatePolicy { .. }
            | Self::UpdatePolicy { .. }
            | Self::CreateProvider { .. }
            | Self::AddAudience { .. }
            | Self::RemoveAudience { .. }
            | Self::TagProvider { .. }
            | Self::DeleteProvider { .. }
            | Self::PutPasswordPolicy(_)
            | Self::DeletePasswordPolicy => None,
        }
    }

    /// Whether it may be made at all. Whoever implements [`Member::change`] asks before the call, so that nothing that Control
    /// Tower owns is written, whatever a configuration or a control says.
    ///
    /// # Errors
    /// The role belongs to Control Tower.
    pub fn check(&self) -> Result<(), Error> {
        match self.role().filter(|role| owns_role(role)) {
            None => Ok(()),
            Some(role) => {
                let message =
                    format!("the role {role} belongs to Control Tower, which alone changes it");
                Err(Error::new("fleet", Kind::Invalid, "OwnedByControlTower", message))
            }
        }
    }
}

/// A session in a member account.
pub trait Member: Send + Sync {
    /// The named roles and customer-managed policies
    /// (`iam:GetAccountAuthorizationDetails`, and `iam:ListPolicyTags` for each policy found).
    fn identities<'a>(
        &'a self,
        roles: &'a BTreeSet<String>,
        policies: &'a BTreeSet<String>,
    ) -> Call<'a, Identities>;
    /// `iam:GetOpenIDConnectProvider`; `None` when it is not there.
    fn oidc_provider<'a>(&'a self, arn: &'a str) -> Call<'a, Option<OidcProvider>>;
    /// Every OIDC provider of the account (`iam:ListOpenIDConnectProviders`, then one get each).
    fn oidc_providers(&self) -> Call<'_, Vec<OidcProvider>>;
    /// The names of the roles whose trust policy speaks of this provider (`iam:GetAccountAuthorizationDetails`).
    fn trusting<'a>(&'a self, provider_arn: &'a str) -> Call<'a, BTreeSet<String>>;
    /// The names of every role of the account (`iam:ListRoles`).
    fn role_names(&self) -> Call<'_, Vec<String>>;
    /// `iam:GetAccountPasswordPolicy`; `None` when there is none.
    fn password_policy(&self) -> Call<'_, Option<PasswordPolicy>>;
    /// What there is of the root user (`iam:GetAccountSummary`).
    fn root_user(&self) -> Call<'_, RootUser>;
    /// Carries out one change. Making something that is already there is
    /// [`AlreadyExists`](crate::error::Kind::AlreadyExists).
    fn change<'a>(&'a self, change: &'a Change) -> Call<'a, ()>;
    /// `account:ListRegions` of the session's own account.
    fn own_regions(&self) -> Call<'_, RegionStatuses>;
    /// `account:EnableRegion` in the session's own account.
    fn enable_own_region<'a>(&'a self, region: &'a str) -> Call<'a, ()>;
    /// The settings of the session's own account, to be asked without an account id.
    fn own_settings(&self) -> &dyn AccountSettings;
    /// The account-wide switches of the account and of its regions.
    fn switches(&self) -> &dyn Settings;
}

/// Regions of member accounts, from the management account (`AccountId`): not subject to the
/// member's service control policies, but in need of trusted access.
pub trait Regions: Send + Sync {
    /// `account:ListRegions`, every page.
    fn statuses<'a>(&'a self, account_id: &'a AccountId) -> Call<'a, RegionStatuses>;
    /// `account:ListRegions` of the caller's own account, every page: all regions of its partition.
    fn of_caller(&self) -> Call<'_, RegionStatuses>;
    /// `account:EnableRegion`.
    fn enable<'a>(&'a self, account_id: &'a AccountId, region: &'a str) -> Call<'a, ()>;
}

/// A service control policy and where it is attached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceControlPolicy {
    /// `p-…`
    pub id: String,
    /// Accounts, OUs and roots that it is attached to.
    pub targets: BTreeSet<String>,
}

/// What a service control policy says and who made it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyContent {
    /// JSON text.
    pub content: String,
    /// Its tags.
    pub tags: Tags,
}

/// A service control policy to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parameters of organizations:CreatePolicy")]
pub struct NewPolicy {
    pub name: String,
    pub description: String,
    pub content: String,
    pub tags: Tags,
}

/// Who attached a policy that is attached now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// This call, as far as can be told: AWS said so, or that it is there already after an attempt that had no answer.
    Now,
    /// Somebody else, before this call.
    Before,
}

/// Service control policies of the organization. Reads may come from a cache that a write of ours
/// empties: what they say is the same for every account of the organization.
pub trait Policies: Send + Sync {
    /// Whether the type is enabled on the root (`organizations:ListRoots`).
    fn enabled(&self) -> Call<'_, bool>;
    /// The policy of that name (`organizations:ListPolicies`) with its targets
    /// (`organizations:ListTargetsForPolicy`).
    fn find<'a>(&'a self, name: &'a str) -> Call<'a, Option<ServiceControlPolicy>>;
    /// The accounts, OUs and roots that a policy is attached to
    /// (`organizations:ListTargetsForPolicy`).
    fn targets<'a>(&'a self, id: &'a str) -> Call<'a, BTreeSet<String>>;
    /// `organizations:DescribePolicy` and `organizations:ListTagsForResource`.
    fn content<'a>(&'a self, id: &'a str) -> Call<'a, PolicyContent>;
    /// How many are attached to an account, OU or root itself (`organizations:ListPoliciesForTarget`).
    fn attached<'a>(&'a self, target: &'a str) -> Call<'a, usize>;
    /// The names of the policies that are attached to an account, OU or root itself, of every type
    /// that is enabled, by type (`organizations:ListRoots`, `organizations:ListPoliciesForTarget`).
    fn names_at<'a>(&'a self, target: &'a str) -> Call<'a, BTreeMap<String, BTreeSet<String>>>;
    /// `organizations:CreatePolicy`; the id.
    fn create<'a>(&'a self, policy: &'a NewPolicy) -> Call<'a, String>;
    /// `organizations:TagResource`: adds tags, or changes their values.
    fn tag<'a>(&'a self, id: &'a str, tags: &'a Tags) -> Call<'a, ()>;
    /// `organizations:UpdatePolicy`.
    fn update<'a>(&'a self, id: &'a str, content: &'a str) -> Call<'a, ()>;
    /// `organizations:AttachPolicy`; attached already is success.
    fn attach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, Attached>;
    /// `organizations:DetachPolicy`; not attached is success.
    fn detach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, ()>;
    /// Forgets what was read, so that the next read asks AWS.
    fn refresh(&self);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(manager: &str, id: &str) -> Tags {
        BTreeMap::from([
            (tags::MANAGED_BY.to_owned(), manager.to_owned()),
            (tags::ID.to_owned(), id.to_owned()),
            (tags::KEY.to_owned(), "payments".to_owned()),
        ])
    }

    #[test]
    fn nothing_of_control_tower_s_is_changed_by_any_change_of_a_role() {
        let (role, text) = (|| "AWSControlTowerExecution".to_owned(), || "x".to_owned());
        for change in [
            Change::CreateRole {
                name: role(),
                description: text(),
                trust: text(),
                boundary: text(),
                tags: Tags::new(),
            },
            Change::PutBoundary { role: role(), boundary: text() },
            Change::AttachPolicy { role: role(), policy: text() },
            Change::DetachPolicy { role: role(), policy: text() },
            Change::DeleteInlinePolicy { role: role(), name: text() },
            Change::UpdateTrust { role: role(), trust: text() },
            Change::TagRole { role: role(), tags: Tags::new() },
        ] {
            assert_eq!(change.check().unwrap_err().code, "OwnedByControlTower", "{change:?}");
        }
        let own = Change::UpdateTrust { role: "fleet-apply".into(), trust: text() };
        assert!(own.check().is_ok());
    }

    #[test]
    fn the_holder_is_read_from_manager_and_id() {
        let ours = marks("platform", "id-1");
        let with_cost = {
            let mut tags = ours.clone();
            tags.insert("cost-center".into(), "4711".into());
            tags
        };
        for (tags, holder) in [
            (with_cost, Holder::Us),
            (marks("other", "id-1"), Holder::Other("other".into())),
            (marks("platform", "id-2"), Holder::Other("platform (key payments)".into())),
            (Tags::new(), Holder::Nobody),
        ] {
            assert_eq!(Holder::of(&ours, &tags), holder);
        }
    }
}
