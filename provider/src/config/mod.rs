//! The provider block. Names and meaning are terraform-provider-aws's wherever it has them.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Attr, Object};

mod check;
mod settings;
#[cfg(test)]
mod tests;

pub use check::{check, check_managed_by};
pub use settings::{Settings, Unknown};

/// Vends AWS accounts, keeps the inventory of clusters, and places workloads on them.
#[derive(Debug, Clone, Object)]
pub struct ProviderConfig {
    /// The one mutation owner of everything this configuration creates: a name that is unique per
    /// state, for example `platform/accounts-prod`. It is written into the tags of each object and
    /// into each inventory file; an object that carries another name is never changed. Required,
    /// here or as the environment variable `FLEET_MANAGED_BY`.
    #[attribute(optional)]
    pub managed_by: Attr<String>,
    /// The AWS region of the calls that have one; Organizations is always called in its own.
    /// Otherwise from `AWS_REGION`, `AWS_DEFAULT_REGION` or the shared configuration file.
    #[attribute(optional)]
    pub region: Attr<String>,
    /// The profile of the shared configuration and credentials files. Otherwise from `AWS_PROFILE`.
    #[attribute(optional)]
    pub profile: Attr<String>,
    /// The access key id. Prefer a profile, a role or the environment: a key in a file is a secret
    /// in a file. Otherwise from `AWS_ACCESS_KEY_ID`.
    #[attribute(optional, sensitive)]
    pub access_key: Attr<String>,
    /// The secret access key that belongs to `access_key`. Otherwise from `AWS_SECRET_ACCESS_KEY`.
    #[attribute(optional, sensitive)]
    pub secret_key: Attr<String>,
    /// The session token that belongs to temporary keys. Otherwise from `AWS_SESSION_TOKEN`.
    #[attribute(optional, sensitive)]
    pub token: Attr<String>,
    /// The account ids in which the provider may work: the caller's own account must be one of
    /// them, else every call is refused before it is made.
    #[attribute(optional)]
    pub allowed_account_ids: Attr<BTreeSet<String>>,
    /// A role to assume before any other call.
    #[block(list(max = 1))]
    pub assume_role: Attr<Vec<AssumeRole>>,
    /// Endpoints of single services, for private links and emulators. Otherwise from
    /// `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.
    #[block(list(max = 1))]
    pub endpoints: Attr<Vec<Endpoints>>,
    /// Tags that every taggable object gets.
    #[block(list(max = 1))]
    pub default_tags: Attr<Vec<DefaultTags>>,
    /// How the provider gets into the accounts that it vends.
    #[block(list(max = 1))]
    pub member_access: Attr<Vec<MemberAccess>>,
    /// Where the inventory lies.
    #[block(list(max = 1))]
    pub inventory: Attr<Vec<Inventory>>,
}

/// What stands in a block that occurs at most once: null without the block, unknown while a dynamic
/// block is.
fn only<T>(blocks: &Attr<Vec<T>>) -> Attr<&T> {
    match blocks {
        Attr::Null => Attr::Null,
        Attr::Unknown => Attr::Unknown,
        Attr::Known(blocks) => blocks.first().into(),
    }
}

/// A role to assume before any other call.
#[derive(Debug, Clone, Object)]
pub struct AssumeRole {
    /// The ARN of the role.
    #[attribute(required)]
    pub role_arn: Attr<String>,
    /// The name of the session, as CloudTrail shows it. Default: `terraform-provider-fleet`.
    #[attribute(optional)]
    pub session_name: Attr<String>,
    /// The external id that the role's trust policy may ask for.
    #[attribute(optional)]
    pub external_id: Attr<String>,
}

/// Endpoints of single services.
#[derive(Debug, Clone, Object)]
pub struct Endpoints {
    /// AWS Account Management.
    #[attribute(optional)]
    pub account: Attr<String>,
    /// AWS Control Tower.
    #[attribute(optional)]
    pub controltower: Attr<String>,
    /// AWS Identity and Access Management.
    #[attribute(optional)]
    pub iam: Attr<String>,
    /// AWS Organizations.
    #[attribute(optional)]
    pub organizations: Attr<String>,
    /// AWS Resource Groups Tagging API.
    #[attribute(optional)]
    pub resourcegroupstaggingapi: Attr<String>,
    /// AWS Security Token Service.
    #[attribute(optional)]
    pub sts: Attr<String>,
}

/// Tags that every taggable object gets.
#[derive(Debug, Clone, Object)]
pub struct DefaultTags {
    /// The tags; a resource's own tag of the same key wins.
    #[attribute(optional)]
    pub tags: Attr<BTreeMap<String, String>>,
}

/// How the provider gets into the accounts that it vends.
#[derive(Debug, Clone, Object)]
pub struct MemberAccess {
    /// The roles to try, in this order, in an account that the role made by `CreateAccount` does not
    /// open. Default: `OrganizationAccountAccessRole`, `AWSControlTowerExecution`.
    #[attribute(optional)]
    pub bootstrap_role_names: Attr<Vec<String>>,
}

/// Where the inventory lies.
#[derive(Debug, Clone, Object)]
pub struct Inventory {
    /// A directory, usually in a Git working tree. It must exist: a missing one is an error, never
    /// an empty fleet. The inventory holds `accounts/<key>.yaml` and `clusters/<name>.yaml`.
    #[attribute(required)]
    pub path: Attr<String>,
}
