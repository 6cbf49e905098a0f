//! The Organizations API as the engine needs it.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::BillingAccess;
use jiff::Timestamp;

use super::{AccountId, Call, NotCreated};

/// The organization (`DescribeOrganization`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The management account.
    pub management_account_id: AccountId,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
}

/// The root of the tree (`ListRoots`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// `r-…`
    pub id: String,
    /// The policy types that are enabled on it, as AWS names them.
    pub policy_types: BTreeSet<String>,
}

/// Where an account is in its life: `Account.State`, or where AWS leaves that out, `Status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountState {
    /// Just made, not usable yet.
    PendingActivation,
    /// In use.
    Active,
    /// Suspended by AWS.
    Suspended,
    /// `CloseAccount` was accepted.
    PendingClosure,
    /// Closed; listed for 90 days.
    Closed,
    /// A word that this version does not know. It is not taken for inactive.
    Other,
}

impl AccountState {
    /// Whether the account is closed, or AWS is closing it.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::PendingClosure | Self::Closed)
    }

    /// Whether nothing is asked of the account any more.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Suspended | Self::PendingClosure | Self::Closed)
    }

    /// As the end of "the account is …".
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::PendingActivation => "being activated",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::PendingClosure => "being closed",
            Self::Closed => "closed",
            Self::Other => "in a state this version does not know",
        }
    }
}

/// An account of the organization; with a text for its id, one of any vendor's cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account<Id = AccountId> {
    /// Its id in its cloud.
    pub id: Id,
    /// Its ARN in the organization.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The root user's address.
    pub email: String,
    /// State first, then Status.
    pub state: AccountState,
    /// Whether the organization made it (`JoinedMethod` CREATED) and it did not join by invitation.
    pub created_here: bool,
    /// When it came.
    pub joined_at: Option<Timestamp>,
    /// The id of the OU or root it sits in, where the listing tells (`Paths`).
    pub parent_id: Option<String>,
}

impl Account {
    /// The same, as what is said of accounts of any vendor has it.
    #[must_use]
    pub fn of_any_vendor(self) -> Account<String> {
        let Self { id, arn, name, email, state, created_here, joined_at, parent_id } = self;
        Account { id: id.into(), arn, name, email, state, created_here, joined_at, parent_id }
    }
}

impl<Id> Account<Id> {
    /// Whether it can be used, now or soon.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.state.is_over()
    }
}

/// The three states of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateState {
    /// Not decided yet.
    InProgress,
    /// Made.
    Succeeded {
        /// The new account.
        account_id: AccountId,
    },
    /// Not made.
    Failed {
        /// `CreateAccountFailureReason`.
        reason: NotCreated,
    },
}

/// A `CreateAccountStatus` record. It has neither email nor tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateStatus {
    /// `car-…`
    pub request_id: String,
    /// The account's name.
    pub name: String,
    /// When it was asked for.
    pub requested_at: Option<Timestamp>,
    /// What became of it.
    pub state: CreateState,
}

/// What goes in with `CreateAccount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAccount {
    /// The root user's address.
    pub email: String,
    /// The account's name.
    pub name: String,
    /// The access role that AWS makes in it.
    pub role_name: String,
    /// Whether its IAM users and roles may see its bills.
    pub billing_access: BillingAccess,
    /// All tags: the user's and ours.
    pub tags: BTreeMap<String, String>,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationalUnit {
    /// `ou-…`
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its name, unique among its siblings.
    pub name: String,
}

/// Organizations, with the credentials of the provider block.
pub trait Organizations: Send + Sync {
    /// `DescribeOrganization`.
    fn organization(&self) -> Call<'_, Organization>;
    /// `ListRoots`: there is exactly one.
    fn root(&self) -> Call<'_, Root>;
    /// `ListAWSServiceAccessForOrganization`: the service principals with trusted access.
    fn trusted_services(&self) -> Call<'_, BTreeSet<String>>;
    /// `DescribeEffectivePolicy` of type TAG_POLICY for the caller's own account: JSON text, `None`
    /// where no tag policy is in effect.
    fn effective_tag_policy(&self) -> Call<'_, Option<String>>;

    /// `ListAccounts`, every page, now.
    fn accounts(&self) -> Call<'_, Vec<Account>>;
    /// `DescribeAccount`; `None` when the organization has no such account.
    fn account<'a>(&'a self, id: &'a AccountId) -> Call<'a, Option<Account>>;
    /// `ListCreateAccountStatus`: requests in progress, or those that ended.
    fn create_requests(&self, in_progress: bool) -> Call<'_, Vec<CreateStatus>>;
    /// `DescribeCreateAccountStatus`.
    fn create_request<'a>(&'a self, request_id: &'a str) -> Call<'a, CreateStatus>;
    /// `CreateAccount`, sent exactly once: never repeated by the adapter or the SDK.
    fn create_account<'a>(&'a self, request: &'a CreateAccount) -> Call<'a, CreateStatus>;
    /// `CloseAccount`, sent once, as `CreateAccount` is: each request is proven by the caller.
    fn close_account<'a>(&'a self, id: &'a AccountId) -> Call<'a, ()>;
    /// `MoveAccount`.
    fn move_account<'a>(&'a self, id: &'a AccountId, from: &'a str, to: &'a str) -> Call<'a, ()>;
    /// `ListParents`: the id of the OU or root that holds an account or OU.
    fn parent<'a>(&'a self, child_id: &'a str) -> Call<'a, String>;

    /// `ListTagsForResource` of an account, OU, root or policy.
    fn tags<'a>(&'a self, resource_id: &'a str) -> Call<'a, BTreeMap<String, String>>;
    /// `TagResource`.
    fn tag<'a>(&'a self, resource_id: &'a str, tags: &'a BTreeMap<String, String>) -> Call<'a, ()>;
    /// `UntagResource`.
    fn untag<'a>(&'a self, resource_id: &'a str, keys: &'a BTreeSet<String>) -> Call<'a, ()>;

    /// `ListOrganizationalUnitsForParent`.
    fn organizational_units<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<OrganizationalUnit>>;
    /// `DescribeOrganizationalUnit`; `None` when it is not there.
    fn organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, Option<OrganizationalUnit>>;
    /// `CreateOrganizationalUnit`.
    fn create_organizational_unit<'a>(
        &'a self,
        parent_id: &'a str,
        name: &'a str,
        tags: &'a BTreeMap<String, String>,
    ) -> Call<'a, OrganizationalUnit>;
    /// `UpdateOrganizationalUnit`: a new name.
    fn rename_organizational_unit<'a>(&'a self, id: &'a str, name: &'a str) -> Call<'a, ()>;
    /// `DeleteOrganizationalUnit`: only an empty one.
    fn delete_organizational_unit<'a>(&'a self, id: &'a str) -> Call<'a, ()>;
    /// `ListAccountsForParent`: ids and names.
    fn accounts_in<'a>(&'a self, parent_id: &'a str) -> Call<'a, Vec<(AccountId, String)>>;
}
