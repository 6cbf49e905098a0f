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
    /// The key in the fleet, by the inventory or the tag `fleet:key`.
    #[attribute(optional, computed)]
    pub key: Attr<String>,
    /// The root user's address, in any case.
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
    /// `CREATED` or `INVITED`.
    #[attribute(computed)]
    pub joined_method: Attr<String>,
    /// When it came into the organization.
    #[attribute(computed)]
    pub joined_at: Attr<String>,
    /// The id of the organizational unit or root that holds it.
    #[attribute(computed)]
    pub parent_id: Attr<String>,
    /// The path of that organizational unit; empty for the root.
    #[attribute(computed)]
    pub path: Attr<String>,
    /// The configuration that manages it, by its tag `fleet:managed-by`; null where nobody does.
    #[attribute(computed)]
    pub managed_by: Attr<String>,
    /// Its tags, those of the provider too.
    #[attribute(computed)]
    pub tags: Attr<BTreeMap<String, String>>,
    /// How far it is, by its inventory file; null where the inventory has none.
    #[attribute(computed)]
    pub phase: Attr<String>,
    /// Where it is in its life, by its inventory file.
    #[attribute(computed)]
    pub lifecycle_phase: Attr<String>,
    /// Whether its clusters are admitted, by its inventory file.
    #[attribute(computed)]
    pub ready: Attr<bool>,
    /// The checks behind `ready`, by its inventory file.
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
