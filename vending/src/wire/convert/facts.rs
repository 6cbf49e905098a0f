//! What the cloud says of an account.

use std::collections::BTreeMap;

use fleet_model::tags;
use fleet_vending_proto::v1beta1 as wire;

use super::stage::{native_state, state_from, state_to};
use super::text::{Nonsense, id, map, said, shown, time};
use crate::aws::api::Account;
use crate::outcome::Facts;

pub(in crate::wire) fn to_message(facts: &Facts, key: &str) -> wire::Facts {
    let access = [("account_id", &facts.id)].into_iter().filter(|(_, of)| !of.is_empty());
    wire::Facts {
        r#ref: Some(wire::AccountRef {
            key: key.to_owned(),
            fleet_id: fleet_id(key),
            native_id: facts.id.clone(),
            resource_name: facts.arn.clone(),
        }),
        organization_id: facts.organization_id.clone(),
        parent_id: facts.parent_id.clone(),
        state: state_to(facts.state).into(),
        native_state: native_state(facts.state).to_owned(),
        name: facts.name.clone(),
        email: facts.email.clone(),
        joined_at: facts.joined_at.clone().unwrap_or_default(),
        create_request_id: facts.create_request_id.clone().unwrap_or_default(),
        tags: facts.tags.clone(),
        access: access.map(|(kind, of)| (kind.to_owned(), of.clone())).collect(),
    }
}

/// An account of a listing, whose key its tags tell.
pub(in crate::wire) fn of_account(
    account: &Account<String>,
    has: &BTreeMap<String, String>,
    organization_id: &str,
) -> wire::Facts {
    let facts = Facts {
        id: account.id.clone(),
        arn: account.arn.clone(),
        organization_id: organization_id.to_owned(),
        parent_id: account.parent_id.clone().unwrap_or_default(),
        state: account.state,
        name: account.name.clone(),
        email: account.email.clone(),
        joined_at: account.joined_at.map(|at| at.to_string()),
        create_request_id: None,
        tags: has.clone(),
    };
    to_message(&facts, has.get(tags::KEY).map_or("", String::as_str))
}

/// The token of a key; none without one.
pub(in crate::wire) fn fleet_id(key: &str) -> String {
    if key.is_empty() { String::new() } else { tags::vendor_fleet_id(key) }
}

/// Reads the facts of the account that was asked for, and how to get in. `key` is empty where the host does not know it.
pub(in crate::wire) fn from_message(
    facts: wire::Facts,
    key: &str,
) -> Result<(Facts, BTreeMap<String, String>), Nonsense> {
    let of = facts.r#ref.unwrap_or_default();
    let asked = fleet_id(key);
    if !key.is_empty() && !of.fleet_id.is_empty() && of.fleet_id != asked {
        return Err(Nonsense(format!(
            "it answers for the account with the fleet_id {}, and was asked about {asked}",
            shown(&of.fleet_id)
        )));
    }
    let read = Facts {
        id: id("native_id", &of.native_id)?,
        arn: id("resource_name", &of.resource_name)?,
        organization_id: id("organization_id", &facts.organization_id)?,
        parent_id: id("parent_id", &facts.parent_id)?,
        state: state_from(facts.state),
        name: shown(&facts.name),
        email: shown(&facts.email),
        joined_at: time("joined_at", &facts.joined_at)?.map(|at| at.to_string()),
        create_request_id: said(&facts.create_request_id),
        tags: map("tags", facts.tags)?,
    };
    Ok((read, map("ways in", facts.access)?))
}

/// The account of a listing. The wire does not tell whether its cloud made it; the host asks nobody else.
pub(in crate::wire) fn to_account(facts: &Facts) -> Account<String> {
    Account {
        id: facts.id.clone(),
        arn: facts.arn.clone(),
        name: facts.name.clone(),
        email: facts.email.clone(),
        state: facts.state,
        created_here: true,
        joined_at: facts.joined_at.as_deref().and_then(|at| at.parse().ok()),
        parent_id: Some(facts.parent_id.clone()).filter(|of| !of.is_empty()),
    }
}
