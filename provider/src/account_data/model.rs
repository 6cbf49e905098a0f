//! The arguments and results of `data.fleet_account`.

use std::collections::BTreeMap;

use tfplugin::{Attr, Object};

/// One account of the organization, managed here, elsewhere or by nobody. An account that this
/// configuration vends is its resource: refer to that.
#[derive(Debug, Clone, Object)]
pub struct Model {
    /// The account id. Exactly one of `id`, `key` and `email` is given.
    #[attribute(optional, computed, validate(exactly_one_of(&["key", "email"])))]
    pub id: Attr<String>,
    /// The account's key in the fleet, from the inventory or the tag `fleet:key`.
    #[attribute(optional, computed)]
    pub key: Attr<String>,
    /// The root user's address; upper and lower case do not matter.
    #[attribute(optional, computed)]
    pub email: Attr<String>,
    /// The account's ARN in the organization.
    #[attribute(computed)]
    pub arn: Attr<String>,
    /// The account's name at AWS.
    #[attribute(computed)]
    pub name: Attr<String>,
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
    /// The path of that organizational unit; empty for the root. In a name, `/` is written `%2F` and `%` is written
    /// `%25`.
    #[attribute(computed)]
    pub path: Attr<String>,
    /// The configuration that manages the account, from its tag `fleet:managed-by`; null when no configuration does.
    #[attribute(computed)]
    pub managed_by: Attr<String>,
    /// The account's tags, including those of the provider.
    #[attribute(computed)]
    pub tags: Attr<BTreeMap<String, String>>,
    /// How far vending has come, from the account's inventory file; null when there is none.
    #[attribute(computed)]
    pub phase: Attr<String>,
    /// The state of its life, from the account's inventory file: `active`, `frozen`, `retired` or `closed`.
    #[attribute(computed)]
    pub lifecycle_phase: Attr<String>,
    /// Whether clusters in the account are admitted, from the account's inventory file.
    #[attribute(computed)]
    pub ready: Attr<bool>,
    /// The checks behind `ready`, from the account's inventory file.
    #[attribute(computed)]
    pub readiness: Attr<Readiness>,
}

/// The checks behind `ready`.
#[derive(Debug, Clone, Object)]
pub struct Readiness {
    /// `pass`, `fail`, `unknown` or `not_applicable`, by `check` or `check/region`.
    #[attribute(computed)]
    pub checks: Attr<BTreeMap<String, String>>,
    /// What was observed, by each check that does not pass.
    #[attribute(computed)]
    pub open_checks: Attr<BTreeMap<String, String>>,
    /// SHA-256 over every check: what was expected, what was observed, and the verdict.
    #[attribute(computed)]
    pub digest: Attr<String>,
}
