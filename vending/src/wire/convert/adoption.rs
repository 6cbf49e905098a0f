//! What taking over an account means.

use std::collections::{BTreeMap, BTreeSet};

use fleet_vending_proto::v1beta1 as wire;

use super::facts;
use super::text::{Nonsense, lines};
use crate::aws::account::converge::Adoption;
use crate::memory::Memory;

/// As the AWS vendor would do it: one line for each change, for people.
pub(in crate::wire) fn to_message(adoption: &Adoption, key: &str) -> wire::Adoption {
    let mut changes = Vec::new();
    if adoption.moves {
        let by = if adoption.onboards { ", by its onboarding parent" } else { "" };
        changes.push(format!("moves it from {} to its parent{by}", adoption.parent));
    }
    for (key, value) in &adoption.tags {
        changes.push(format!("sets the tag {key:?} = {value:?}"));
    }
    for (of, found) in &adoption.contacts {
        let instead = found.as_ref().map_or_else(
            || "where there is none".to_owned(),
            |contact| format!("instead of {:?}", contact.email),
        );
        changes.push(format!("writes the {of} contact {instead}"));
    }
    for (check, observed) in &adoption.mends {
        changes.push(format!("mends {check}: {observed}"));
    }
    if let Some(released) = &adoption.released_from {
        changes.push(format!("takes up what `{released}` released"));
    }
    changes.extend(adoption.changes.iter().cloned());
    if let Some(unseen) = &adoption.unseen {
        changes.push(format!("nobody could look inside: {unseen}"));
    }
    let signs = adoption
        .signs
        .iter()
        .flat_map(|(who, what)| what.iter().map(move |what| format!("{who}: {what}")));
    wire::Adoption {
        facts: Some(facts::to_message(&adoption.facts, key)),
        signs_of_others: signs.collect(),
        changes,
    }
}

pub(in crate::wire) fn from_message(
    adoption: wire::Adoption,
    key: &str,
) -> Result<Adoption, Nonsense> {
    let (found, _) = facts::from_message(adoption.facts.unwrap_or_default(), key)?;
    if found.id.is_empty() {
        return Err(Nonsense("it would take an account over that has no id".to_owned()));
    }
    let signs: BTreeSet<String> =
        lines("signs of others", adoption.signs_of_others)?.into_iter().collect();
    Ok(Adoption {
        parent: found.parent_id.clone(),
        facts: found,
        released_from: None,
        moves: false,
        onboards: false,
        tags: BTreeMap::new(),
        contacts: BTreeMap::new(),
        contacts_unread: None,
        mends: BTreeMap::new(),
        signs: Some(signs)
            .filter(|signs| !signs.is_empty())
            .map(|signs| ("another tool", signs))
            .into_iter()
            .collect(),
        unseen: None,
        changes: lines("changes", adoption.changes)?,
        memory: Memory::default(),
    })
}
