//! The arguments and results of `data.fleet_organization`.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Attr, Object};

/// The organization as it is: its root, its tree of organizational units, and its accounts, with who
/// manages each and how far it is.
#[derive(Debug, Clone, Object)]
pub struct Model {
    /// Whether `accounts` is filled. `false` saves the calls that list them. Default: `true`.
    #[attribute(optional)]
    pub include_accounts: Attr<bool>,
    /// Whether the `tags` of the accounts are filled. Default: `false`.
    #[attribute(optional)]
    pub include_tags: Attr<bool>,
    /// The organization's id, `o-…`.
    #[attribute(computed)]
    pub id: Attr<String>,
    /// The ARN.
    #[attribute(computed)]
    pub arn: Attr<String>,
    /// The id of its root, `r-…`.
    #[attribute(computed)]
    pub root_id: Attr<String>,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    #[attribute(computed)]
    pub feature_set: Attr<String>,
    /// The id of the account that manages it.
    #[attribute(computed)]
    pub management_account_id: Attr<String>,
    /// The policy types that are enabled on the root, such as `SERVICE_CONTROL_POLICY`.
    #[attribute(computed)]
    pub policy_types: Attr<BTreeSet<String>>,
    /// Every organizational unit, in the order of the paths.
    #[attribute(computed)]
    pub organizational_units: Attr<Vec<Unit>>,
    /// Every account, suspended and closed ones too, in the order of the ids; null when
    /// `include_accounts` is false.
    #[attribute(computed)]
    pub accounts: Attr<Vec<Account>>,
}

/// An organizational unit.
#[derive(Debug, Clone, Object)]
pub struct Unit {
    /// The id, `ou-…`.
    #[attribute(computed)]
    pub id: Attr<String>,
    /// The ARN.
    #[attribute(computed)]
    pub arn: Attr<String>,
    /// The name.
    #[attribute(computed)]
    pub name: Attr<String>,
    /// The names from the root down to the unit, with `/` between them. In a name, `/` is written `%2F` and `%` is written
    /// `%25`, so that each path names one unit.
    #[attribute(computed)]
    pub path: Attr<String>,
    /// The id of the unit or root that holds it.
    #[attribute(computed)]
    pub parent_id: Attr<String>,
}

/// An account.
#[derive(Debug, Clone, Object)]
pub struct Account {
    /// The account id.
    #[attribute(computed)]
    pub id: Attr<String>,
    /// The ARN.
    #[attribute(computed)]
    pub arn: Attr<String>,
    /// The name.
    #[attribute(computed)]
    pub name: Attr<String>,
    /// The root user's address.
    #[attribute(computed)]
    pub email: Attr<String>,
    /// `PENDING_ACTIVATION`, `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED`.
    #[attribute(computed)]
    pub state: Attr<String>,
    /// How the account joined the organization: `CREATED` or `INVITED`.
    #[attribute(computed)]
    pub joined_method: Attr<String>,
    /// When the account joined the organization.
    #[attribute(computed)]
    pub joined_at: Attr<String>,
    /// The id of the organizational unit or root that holds it.
    #[attribute(computed)]
    pub parent_id: Attr<String>,
    /// The path of that organizational unit; empty for the root.
    #[attribute(computed)]
    pub path: Attr<String>,
    /// The configuration that manages the account, from its tag `fleet:managed-by`; null when no configuration does.
    #[attribute(computed)]
    pub managed_by: Attr<String>,
    /// The account's key in the fleet, from its inventory file or its tag `fleet:key`.
    #[attribute(computed)]
    pub key: Attr<String>,
    /// How far vending has come, from the account's inventory file; null when there is none.
    #[attribute(computed)]
    pub phase: Attr<String>,
    /// Whether clusters in the account are admitted, from the account's inventory file.
    #[attribute(computed)]
    pub ready: Attr<bool>,
    /// The account's tags, including those of the provider; null unless `include_tags` is true.
    #[attribute(computed)]
    pub tags: Attr<BTreeMap<String, String>>,
}
