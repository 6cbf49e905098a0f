//! What the engine needs of a cloud, as traits. `sdk` implements them; tests script them.
//!
//! Calls that may be repeated are already repeated by the adapter, by the error's
//! [`retry_class`](crate::error::Kind::retry_class); the engine puts the deadline and the
//! cancellation around them.

mod account_id;
mod account_settings;
mod clock;
mod control_tower;
pub mod member;
mod not_created;
mod organizations;
mod root_user;
mod setting;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;

pub use account_id::{AccountId, NotAnAccountId};
pub use account_settings::{AccountSettings, EmailUpdate, Otp, SettingChange};
pub use clock::{Clock, SystemClock};
pub use control_tower::{
    ControlTower, EnabledBaseline, Enablement, LandingZone, ZoneKind, ZoneState, owns_role,
};
pub use not_created::NotCreated;
pub use organizations::{
    Account, AccountState, CreateAccount, CreateState, CreateStatus, Organization,
    OrganizationalUnit, Organizations, Root,
};
pub use root_user::RootUser;
pub use setting::{
    Found, InstanceMetadata, ManagedBy, S3PublicAccess, Setting, SettingKind, Settings, Site,
    SnapshotSharing,
};

use crate::error::Error;

/// The answer of a port, to be awaited.
pub type Call<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// Finds resources by tag (Resource Groups Tagging API).
pub trait TagIndex: Send + Sync {
    /// The ids of the accounts that carry the tag `key` = `value`. The index may lag; an endpoint
    /// without it answers [`Unsupported`](crate::error::Kind::Unsupported).
    fn accounts_tagged<'a>(&'a self, key: &'a str, value: &'a str) -> Call<'a, Vec<AccountId>>;
    /// The tags of every account that has any, by account id.
    fn tags_of_accounts(&self) -> Call<'_, BTreeMap<AccountId, BTreeMap<String, String>>>;
}

/// Quotas of the organization (Service Quotas).
pub trait Quotas: Send + Sync {
    /// How many accounts the organization may have (`servicequotas:GetServiceQuota`).
    fn accounts(&self) -> Call<'_, u64>;
}

/// How a session in a member account is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// With the caller's own credentials, and limited to what checks read, whatever the role may. A plan knows no other.
    Look,
    /// With the caller's own credentials, as the role is.
    Work,
    /// With the credentials that change the organization, as the role is: one that trusts the management account.
    Bootstrap,
}

/// The way into a member account (STS `AssumeRole`, at a regional endpoint).
pub trait MemberAccess: Send + Sync {
    /// Assumes `role_name` in `account_id`. Not-yet answers are
    /// [`NotYet`](crate::error::Kind::NotYet); an explicit deny of a policy is
    /// [`Denied`](crate::error::Kind::Denied).
    fn assume<'a>(
        &'a self,
        account_id: &'a AccountId,
        role_name: &'a str,
        entry: Entry,
    ) -> Call<'a, Arc<dyn member::Member>>;
}

/// From which accounts calls about the organization are made, and in which region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account of the caller's own credentials.
    pub own: AccountId,
    /// The account whose credentials read the organization: that of `organization.read_role_arn`, else the
    /// caller's own.
    pub reads_from: AccountId,
    /// The account whose credentials change it: that of `organization.write_role_arn`, else the caller's own.
    pub writes_from: AccountId,
    /// The region of the caller's own calls, which decides the partition.
    pub region: String,
}

/// Who calls.
pub trait Callers: Send + Sync {
    /// `sts:GetCallerIdentity`.
    fn caller(&self) -> Call<'_, Caller>;
    /// Whether the organization lets the account that reads see it (`organizations:ListDelegatedAdministrators`):
    /// the management account and delegated administrators.
    fn is_let_in(&self) -> Call<'_, bool>;
}

/// Every port of one provider configuration.
#[derive(Clone)]
pub struct Ports {
    /// Who calls.
    pub callers: Arc<dyn Callers>,
    /// Organizations.
    pub organizations: Arc<dyn Organizations>,
    /// Regions of member accounts (Account API, from the management account).
    pub regions: Arc<dyn member::Regions>,
    /// Names, contacts and root addresses of member accounts (Account API, from the management
    /// account).
    pub settings: Arc<dyn AccountSettings>,
    /// Policies of the organization.
    pub policies: Arc<dyn member::Policies>,
    /// Quotas.
    pub quotas: Arc<dyn Quotas>,
    /// The tag index.
    pub tag_index: Arc<dyn TagIndex>,
    /// Control Tower.
    pub control_tower: Arc<dyn ControlTower>,
    /// The way into member accounts.
    pub access: Arc<dyn MemberAccess>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}
