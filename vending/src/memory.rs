//! What vending did to an account and that a later apply undoes, or that a person may want back.
//!
//! It belongs to the resource and is kept in its private state, which nobody edits. Two copies stand beside it. The
//! *journal* is in tags of the account ([`fleet_model::tags::JOURNAL`]), written before the act, since a run that dies
//! after the act saves no state. The *file* is the inventory file's, for people and for imports. Others can write
//! both, so neither commands: see [`Memory::journal`] and [`Memory::from_file`].

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::contact::{Contact, ContactType};
use serde::{Deserialize, Serialize};

use crate::aws::api::member::PasswordPolicy;
use crate::unit_path::Parent;

mod copy;
mod journal;
mod made;

pub use journal::Journal;
pub(crate) use journal::{is_journal, is_of_contacts};
pub use made::{Issuer, Made};

/// The version that is known.
const VERSION: u32 = 5;
/// The one before, which knew nothing of the texts of guardrails, and the one before that, which knew nothing of switches:
/// what has none is still written so, for versions of the provider that know no later one.
const BEFORE_TEXTS: u32 = 4;
const BEFORE_SETTINGS: u32 = 3;

/// What was there before vending first changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before<T> {
    /// Nothing.
    Nothing,
    /// This.
    Was(T),
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Memory {
    /// The OU or root that held the account before it was frozen. Only while the account is not back.
    pub parent_before: Option<String>,
    /// The OU in which the account waits for its baseline.
    pub onboarding_parent: Option<String>,
    /// The policies of quarantines that vending attached to the account and has not taken off yet.
    pub quarantine_policies: BTreeSet<String>,
    /// The password policy before vending first changed it. It is put back when the control is given up or the account is
    /// retired, if nobody has changed it since.
    pub password_policy: Option<Before<PasswordPolicy>>,
    /// The alternate contacts before vending first wrote them. For people.
    pub contacts: BTreeMap<ContactType, Before<Contact>>,
    /// The alternate contacts as the configuration asked for them when an apply last wrote them, or found them so. What
    /// somebody else has written since is not ours to delete.
    pub contacts_set: BTreeMap<ContactType, Contact>,
    /// The regions that vending opted in to. For people.
    pub regions: BTreeSet<String>,
    /// Account-wide switches before vending first set them, by the check that they are of. For people.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// What the controls made and hold.
    pub made: Made,
}

/// Why a memory cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A newer version of the provider wrote it.
    #[error("it has version {0}, and this version of the provider knows version {VERSION}")]
    Newer(u32),
    /// It is damaged.
    #[error("it is damaged")]
    Damaged,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
    memory: serde_json::Value,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    memory: &'a Memory,
}

// === impl Memory ===

impl Memory {
    /// The text that [`Self::parse`] reads.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Of maps with textual keys, texts, numbers and booleans: there is nothing that JSON could not say.
        let version = match (self.made.texts.is_empty(), self.settings.is_empty()) {
            (false, _) => VERSION,
            (true, false) => BEFORE_TEXTS,
            (true, true) => BEFORE_SETTINGS,
        };
        serde_json::to_string(&Written { version, memory: self }).unwrap_or_default()
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// A newer version wrote it, or it is damaged.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let found: Versioned = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
        if found.version > VERSION {
            return Err(Unreadable::Newer(found.version));
        }
        serde_json::from_value(found.memory).map_err(|_| Unreadable::Damaged)
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes over what `newer` saw before it changed it. What is remembered already was there first.
    pub(crate) fn keep(&mut self, newer: Self) {
        self.password_policy = self.password_policy.or(newer.password_policy);
        for (of, before) in newer.contacts {
            self.contacts.entry(of).or_insert(before);
        }
        self.regions.extend(newer.regions);
        for (of, before) in newer.settings {
            self.settings.entry(of).or_insert(before);
        }
    }
}

/// Whether AWS could have given this id to an OU or root.
fn is_parent_id(text: &str) -> bool {
    matches!(Parent::parse(text), Ok(Parent::Id(id)) if id.len() <= 68)
}

/// Whether AWS could have given this id to a policy.
fn is_policy_id(text: &str) -> bool {
    text.len() <= 130
        && text.strip_prefix("p-").is_some_and(|rest| {
            !rest.is_empty()
                && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        })
}

/// Whether AWS could have given a region this name.
fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
pub(crate) fn example() -> Memory {
    let contact = Contact {
        name: "A. Person".to_owned(),
        title: "On call".to_owned(),
        email: "a@example.com".to_owned(),
        phone_number: "+65 1234".to_owned(),
    };
    Memory {
        parent_before: Some("ou-ab12-prod0000".to_owned()),
        onboarding_parent: Some("ou-ab12-onboard0".to_owned()),
        quarantine_policies: BTreeSet::from(["p-quarantine".to_owned()]),
        password_policy: Some(Before::Was(PasswordPolicy {
            minimum_length: 8,
            lowercase: true,
            uppercase: false,
            numbers: true,
            symbols: false,
            users_may_change: true,
            max_age_days: Some(90),
            reuse_prevention: None,
            hard_expiry: false,
        })),
        contacts: BTreeMap::from([
            (ContactType::Billing, Before::Nothing),
            (ContactType::Security, Before::Was(contact)),
        ]),
        contacts_set: BTreeMap::new(),
        regions: BTreeSet::from(["ap-southeast-3".to_owned()]),
        settings: BTreeMap::from([(
            "ebs-encryption/eu-west-1".to_owned(),
            "encryption by default disabled".to_owned(),
        )]),
        made: Made::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_reads_back_and_its_text_does_not_change_by_itself() {
        for memory in [Memory::default(), example()] {
            assert_eq!(Memory::parse(&memory.to_text()), Ok(memory));
        }
        assert_eq!(
            Memory { parent_before: Some("ou-ab12-prod0000".into()), ..Memory::default() }
                .to_text(),
            r#"{"version":3,"memory":{"parent_before":"ou-ab12-prod0000","onboarding_parent":null,"quarantine_policies":[],"password_policy":null,"contacts":{},"contacts_set":{},"regions":[],"made":{"guardrails":[],"issuers":{},"trusts":[],"roles":[],"password":null}}}"#
        );
    }

    #[test]
    fn the_first_version_knew_nothing_of_what_controls_made() {
        let text = r#"{"version":1,"memory":{"parent_before":"ou-ab12-prod0000","onboarding_parent":null,"quarantine_policies":[],"password_policy":null,"contacts":{},"regions":[]}}"#;
        let read = Memory::parse(text).unwrap();
        assert_eq!(read.parent_before.as_deref(), Some("ou-ab12-prod0000"));
        assert!(read.made.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_said_and_not_taken_for_nothing() {
        for (text, why) in [
            ("", Unreadable::Damaged),
            ("{}", Unreadable::Damaged),
            (r#"{"version":6,"memory":{"a":1}}"#, Unreadable::Newer(6)),
            (r#"{"version":1,"memory":{"unknown":1}}"#, Unreadable::Damaged),
        ] {
            assert_eq!(Memory::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn what_was_first_is_kept() {
        let mut memory = example();
        memory.keep(Memory {
            password_policy: Some(Before::Nothing),
            contacts: BTreeMap::from([(ContactType::Security, Before::Nothing)]),
            regions: BTreeSet::from(["me-south-1".to_owned()]),
            settings: BTreeMap::from([("ebs-encryption/eu-west-1".to_owned(), "x".to_owned())]),
            ..Memory::default()
        });
        let mut expected = example();
        expected.regions.insert("me-south-1".to_owned());
        assert_eq!(memory, expected);
    }
}
