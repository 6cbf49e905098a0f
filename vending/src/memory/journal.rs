//! The journal: what must not be lost when a run dies between an act and the saving of its state.
//!
//! Tags of the account, of words `name=value` with spaces between them, within what AWS takes: 256 characters each out of
//! letters, digits, spaces and `_ . : / = + - @`. What does not fit into the first goes into a second one, and so on. Former
//! contacts have tags of their own: they are about people, and go as soon as a saved state has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use fleet_model::contact::{Contact, ContactType};
use fleet_model::tags::{JOURNAL, JOURNAL_OF_CONTACTS};

use super::{Before, Memory, is_parent_id, is_policy_id, is_region};
use crate::aws::api::member::PasswordPolicy;

/// The most characters of a tag's value.
const MOST: usize = 256;

/// A longer value is cut into words of this many characters: each fits into a tag with its name.
const PIECE: usize = 200;

/// The types of contacts.
const TYPES: [ContactType; 3] =
    [ContactType::Billing, ContactType::Operations, ContactType::Security];

/// What a journal says. Whoever may tag the account may have written it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journal {
    /// Where the account was before it was frozen.
    pub parent_before: Option<String>,
    /// The OUs in one of which the account waits for its baseline.
    pub onboarding_parents: BTreeSet<String>,
    /// The policies of a quarantine that were attached.
    pub quarantine_policies: BTreeSet<String>,
    /// The password policy before it was first changed.
    pub password_policy: Option<Before<PasswordPolicy>>,
    /// The alternate contacts before they were first written.
    pub contacts: BTreeMap<ContactType, Before<Contact>>,
    /// The regions that were opted in to.
    pub regions: BTreeSet<String>,
}

impl Memory {
    /// The tags of the journal, without those of contacts; none: there is nothing that a crash could lose.
    #[must_use]
    pub fn journal(&self) -> BTreeMap<String, String> {
        self.journal_with(None)
    }

    /// The tags of the journal, before the account goes to `target` to wait there for its baseline.
    #[must_use]
    pub fn journal_before_onboarding(&self, target: &str) -> BTreeMap<String, String> {
        self.journal_with(Some(target))
    }

    fn journal_with(&self, target: Option<&str>) -> BTreeMap<String, String> {
        let mut words = Vec::new();
        let mut word = |name: &str, value: &str| words.push(format!("{name}={value}"));
        if let Some(parent) = &self.parent_before {
            word("parent", parent);
        }
        let waits: BTreeSet<&str> =
            self.onboarding_parent.as_deref().into_iter().chain(target).collect();
        waits.into_iter().for_each(|parent| word("onboarding", parent));
        if let Some(before) = &self.password_policy {
            word("password", &password(before));
        }
        self.quarantine_policies.iter().for_each(|policy| word("policy", policy));
        self.regions.iter().for_each(|region| word("region", region));
        words.sort_unstable();
        spread(JOURNAL, &words)
    }

    /// The tags of the journal that say what the contacts of these types were.
    #[must_use]
    pub fn journal_of_contacts(&self, types: &BTreeSet<ContactType>) -> BTreeMap<String, String> {
        let mut words = Vec::new();
        for (of, before) in self.contacts.iter().filter(|(of, _)| types.contains(of)) {
            match before {
                Before::Nothing => words.push(format!("{of}=none")),
                Before::Was(contact) => {
                    for (field, text) in fields(contact) {
                        words.extend(pieces(&format!("{of}.{field}"), &written(text)));
                    }
                }
            }
        }
        spread(JOURNAL_OF_CONTACTS, &words)
    }
}

impl Journal {
    /// Reads it from the account's tags. What makes no sense is left out.
    #[must_use]
    pub fn read(tags: &BTreeMap<String, String>) -> Self {
        let mut journal = Self::default();
        let mut of_contacts = BTreeMap::new();
        let values = tags.iter().filter(|(key, _)| is_journal(key) || is_of_contacts(key));
        for word in values.flat_map(|(_, value)| value.split(' ')) {
            match word.split_once('=') {
                Some(("parent", id)) if is_parent_id(id) => {
                    journal.parent_before = Some(id.to_owned());
                }
                Some(("onboarding", id)) if is_parent_id(id) => {
                    journal.onboarding_parents.insert(id.to_owned());
                }
                Some(("policy", id)) if is_policy_id(id) => {
                    journal.quarantine_policies.insert(id.to_owned());
                }
                Some(("region", name)) if is_region(name) => {
                    journal.regions.insert(name.to_owned());
                }
                Some(("password", text)) => journal.password_policy = read_password(text),
                Some((name, text)) => {
                    of_contacts.insert(name, text);
                }
                None => {}
            }
        }
        let known = TYPES.into_iter().filter_map(|of| Some((of, read_contact(of, &of_contacts)?)));
        journal.contacts = known.collect();
        journal
    }
}

/// Whether a tag with this key is part of the journal, the contacts' aside.
pub(crate) fn is_journal(key: &str) -> bool {
    is_part(key, JOURNAL)
}

/// Whether a tag with this key says what contacts were.
pub(crate) fn is_of_contacts(key: &str) -> bool {
    is_part(key, JOURNAL_OF_CONTACTS)
}

/// The first tag has the name itself, the others a number behind it.
fn is_part(key: &str, first: &str) -> bool {
    key.strip_prefix(first).is_some_and(|rest| {
        let number = rest.strip_prefix('-').unwrap_or("");
        rest.is_empty() || !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The words in as many tags as they need.
fn spread(first: &str, words: &[String]) -> BTreeMap<String, String> {
    let mut values: Vec<String> = Vec::new();
    for word in words {
        match values.last_mut() {
            Some(value) if value.len() + 1 + word.len() <= MOST => {
                value.push(' ');
                value.push_str(word);
            }
            _ => values.push(word.clone()),
        }
    }
    let key = |number: usize| match number {
        1 => first.to_owned(),
        _ => format!("{first}-{number}"),
    };
    values.into_iter().zip(1..).map(|(value, number)| (key(number), value)).collect()
}

// === impl PasswordPolicy ===

/// `none`, or length, age, reuse (0: none), and the letters of what else holds.
fn password(before: &Before<PasswordPolicy>) -> String {
    let Before::Was(policy) = before else { return "none".to_owned() };
    let flags: String =
        FLAGS.iter().filter(|(_, of)| of(policy)).map(|(letter, _)| *letter).collect();
    format!(
        "{}.{}.{}.{flags}",
        policy.minimum_length,
        policy.max_age_days.unwrap_or_default(),
        policy.reuse_prevention.unwrap_or_default()
    )
}

/// A letter, and what it stands for.
type Flag = (char, fn(&PasswordPolicy) -> bool);

const FLAGS: [Flag; 6] = [
    ('l', |of| of.lowercase),
    ('u', |of| of.uppercase),
    ('n', |of| of.numbers),
    ('s', |of| of.symbols),
    ('c', |of| of.users_may_change),
    ('h', |of| of.hard_expiry),
];

fn read_password(text: &str) -> Option<Before<PasswordPolicy>> {
    if text == "none" {
        return Some(Before::Nothing);
    }
    let mut parts = text.splitn(4, '.');
    let mut number = || parts.next()?.parse::<i32>().ok();
    let (length, age, reuse) = (number()?, number()?, number()?);
    let flags = parts.next()?;
    let has = |letter: char| flags.contains(letter);
    Some(Before::Was(PasswordPolicy {
        minimum_length: length,
        lowercase: has('l'),
        uppercase: has('u'),
        numbers: has('n'),
        symbols: has('s'),
        users_may_change: has('c'),
        max_age_days: (age > 0).then_some(age),
        reuse_prevention: (reuse > 0).then_some(reuse),
        hard_expiry: has('h'),
    }))
}

// === impl Contact ===

/// The fields of a contact, and how the journal calls them.
fn fields(of: &Contact) -> [(&'static str, &str); 4] {
    [("email", &of.email), ("name", &of.name), ("phone", &of.phone_number), ("title", &of.title)]
}

/// A text in characters that a tag may have and that mean nothing in a journal: any other byte is `=` and two digits.
fn written(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"_.:/+-@".contains(&b) => out.push(char::from(b)),
            b => {
                let _ = write!(out, "={b:02X}");
            }
        }
    }
    out
}

/// Reads what [`written`] wrote.
fn read_text(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == '=' {
            bytes.push(u8::from_str_radix(rest.get(1..3)?, 16).ok()?);
            rest = rest.get(3..)?;
        } else {
            bytes.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
            rest = rest.get(first.len_utf8()..)?;
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.chars().any(char::is_control))
}

/// The words that say it: the first with the name, what does not fit with the name and a number.
fn pieces(name: &str, text: &str) -> Vec<String> {
    // It has single bytes only.
    let parts = text.as_bytes().chunks(PIECE).map(String::from_utf8_lossy);
    let word = |(part, number): (_, usize)| match number {
        1 => format!("{name}={part}"),
        _ => format!("{name}.{number}={part}"),
    };
    parts.zip(1..).map(word).collect()
}

fn read_contact(of: ContactType, words: &BTreeMap<&str, &str>) -> Option<Before<Contact>> {
    if words.get(of.as_str()) == Some(&"none") {
        return Some(Before::Nothing);
    }
    let field = |name: &str| {
        let first = format!("{of}.{name}");
        let mut text = (*words.get(first.as_str())?).to_owned();
        for number in 2.. {
            let Some(more) = words.get(format!("{first}.{number}").as_str()) else { break };
            text.push_str(more);
        }
        read_text(&text)
    };
    Some(Before::Was(Contact {
        name: field("name")?,
        title: field("title")?,
        email: field("email")?,
        phone_number: field("phone")?,
    }))
}

#[cfg(test)]
mod tests;
