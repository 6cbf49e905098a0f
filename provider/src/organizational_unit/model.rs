//! The arguments and attributes of `fleet_organizational_unit`.

use std::collections::BTreeMap;

use tfplugin::{Attr, Object, Timeouts, Value};

use crate::tags;

/// An organizational unit of AWS Organizations: the place where policies attach to the accounts
/// below it. Destroying one deletes it when it is empty; otherwise it is released, left where it is
/// without a manager, and a warning lists what is in it.
#[derive(Debug, Clone, Object)]
pub struct Model {
    /// The name, unique under its parent. A new name renames the unit in place.
    #[attribute(required, validate(length(1..=128), custom(name)))]
    pub name: Attr<String>,
    /// The id of the organizational unit or root that holds the unit, or the path of an organizational unit
    /// (`Workloads/Prod`; a `/` in a name is written `%2F`). Default: the root. AWS cannot move a unit, so this argument
    /// cannot change.
    #[attribute(optional, validate(custom(parent)))]
    pub parent: Attr<String>,
    /// Tags of the unit. A tag whose value is null is left out. Keys that start with `fleet:` are reserved.
    #[attribute(optional)]
    pub tags: Attr<tags::Written>,
    /// Whether to take over an existing unit of this name that no configuration manages. The plan reports it. With
    /// `false` such a unit is refused. A unit that another configuration manages is always refused.
    #[attribute(optional, computed, default = false)]
    pub adopt: Attr<bool>,
    /// How long each operation may take.
    #[attribute(optional)]
    pub timeouts: Attr<Timeouts>,
    /// The id, `ou-…`.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub id: Attr<String>,
    /// The ARN.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub arn: Attr<String>,
    /// The id of the unit or root that holds it.
    #[attribute(computed, plan(use_state_for_unknown))]
    pub parent_id: Attr<String>,
    /// The names from the root down to this unit, with `/` between them. In a name, `/` is written `%2F` and `%` is
    /// written `%25`, so that the path names one unit only.
    #[attribute(computed)]
    pub path: Attr<String>,
    /// `tags` and the provider's `default_tags`.
    #[attribute(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
}

/// What identifies a unit for as long as it lives.
#[derive(Debug, Clone, Object)]
pub struct Identity {
    /// The id, `ou-…`.
    #[attribute(required)]
    pub id: Attr<String>,
}

/// AWS takes any character. One that no line shows, or that nobody sees, is never meant.
fn name(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.contains(char::is_control) => {
            Err("must be one line, without control characters".to_owned())
        }
        Value::String(text) if text.trim() != text.as_str() => {
            Err("must not begin or end with a blank".to_owned())
        }
        _ => Ok(()),
    }
}

fn parent(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) => fleet_vending::Parent::parse(text).map(|_| ()).map_err(|problem| {
            format!("must be an id (`ou-…`, `r-…`) or a path (`Workloads/Prod`): {problem}")
        }),
        _ => Ok(()),
    }
}
