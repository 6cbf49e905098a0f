//! What never reaches a log line: values of sensitive and write-only attributes, results of ephemeral resources, and what
//! a provider keeps beside a state. A secret that was seen once is masked for the life of the process, wherever a line has
//! it, also where the provider's own code logs it. Nothing is kept, and nothing looked at, unless there is a log.

#![expect(
    clippy::disallowed_types,
    reason = "each line of a log is looked up in them, and nothing depends on their order"
)]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use crate::schema::{Attribute, Block};
use crate::value::Value;

/// What stands in place of a secret.
const MASK: &str = "***";

/// A secret shorter than this is masked only where it is a word of its own: every other line would be unreadable.
const SHORT: usize = 4;

/// Is there a log?
static KEPT: AtomicBool = AtomicBool::new(false);

static SECRETS: LazyLock<Mutex<Secrets>> = LazyLock::new(Mutex::default);

/// Texts that nobody may read, and what takes them out of others. By their first bytes, so that a line is searched once,
/// however many there are.
#[derive(Default)]
pub struct Secrets {
    known: HashSet<String>,
    by_start: HashMap<[u8; SHORT], Vec<String>>,
    short: HashSet<String>,
}

/// Keeps secrets from now on: there is a log.
pub(crate) fn keep() {
    KEPT.store(true, Ordering::Release);
}

/// Are secrets kept?
pub(crate) fn are_kept() -> bool {
    KEPT.load(Ordering::Acquire)
}

/// Keeps the secrets in an object of this schema. In an ephemeral one everything that is computed is a secret.
pub(crate) fn keep_of(block: &Block, ephemeral: bool, value: &Value) {
    if are_kept() {
        of_block(block, ephemeral, value, &mut all());
    }
}

/// Keeps what the provider keeps beside a state.
pub(crate) fn keep_private(entries: &BTreeMap<String, Json>) {
    if are_kept() {
        let mut secrets = all();
        entries.values().for_each(|entry| of_json(entry, &mut secrets));
    }
}

/// `text` without any secret.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    if are_kept() { all().masked(text) } else { Cow::Borrowed(text) }
}

fn all() -> MutexGuard<'static, Secrets> {
    SECRETS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn of_block(block: &Block, ephemeral: bool, value: &Value, secrets: &mut Secrets) {
    of_attributes(&block.attributes, ephemeral, value, secrets);
    for (name, nested) in &block.blocks {
        if let Some(value) = value.attribute(name) {
            each_object(value, &mut |value| of_block(&nested.block, ephemeral, value, secrets));
        }
    }
}

fn of_attributes(
    attributes: &BTreeMap<String, Attribute>,
    ephemeral: bool,
    value: &Value,
    secrets: &mut Secrets,
) {
    for (name, attribute) in attributes {
        let Some(value) = value.attribute(name) else { continue };
        if attribute.sensitive || attribute.write_only || (ephemeral && attribute.computed) {
            of_value(value, secrets);
        } else if let Some((_, object)) = attribute.nested() {
            each_object(value, &mut |value| {
                of_attributes(&object.attributes, ephemeral, value, secrets);
            });
        }
    }
}

/// The objects that are gathered in a value, or the value itself.
fn each_object(value: &Value, act: &mut dyn FnMut(&Value)) {
    match value {
        Value::List(elements) | Value::Set(elements) => elements.iter().for_each(act),
        Value::Map(entries) => entries.values().for_each(act),
        object => act(object),
    }
}

fn of_value(value: &Value, secrets: &mut Secrets) {
    match value {
        Value::String(text) => secrets.add(text),
        Value::Number(number) => secrets.add(&number.to_string()),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            elements.iter().for_each(|element| of_value(element, secrets));
        }
        Value::Map(entries) | Value::Object(entries) => {
            entries.values().for_each(|entry| of_value(entry, secrets));
        }
        Value::Dynamic(inner) => of_value(&inner.1, secrets),
        Value::Null | Value::Unknown(_) | Value::Bool(_) => {}
    }
}

fn of_json(value: &Json, secrets: &mut Secrets) {
    match value {
        Json::String(text) => secrets.add(text),
        Json::Number(number) => secrets.add(&number.to_string()),
        Json::Array(elements) => elements.iter().for_each(|element| of_json(element, secrets)),
        Json::Object(entries) => entries.values().for_each(|entry| of_json(entry, secrets)),
        Json::Null | Json::Bool(_) => {}
    }
}

// === impl Secrets ===

impl Secrets {
    /// Adds every text and number in a JSON value.
    pub fn add_json(&mut self, value: &Json) {
        of_json(value, self);
    }

    /// Adds a secret, as it is and as `{:?}` and JSON write it, and each of its lines.
    pub fn add(&mut self, secret: &str) {
        if self.known.contains(secret) {
            return;
        }
        self.known.insert(secret.to_owned());
        let quoted = [format!("{secret:?}"), Json::from(secret).to_string()];
        let inner = quoted.iter().map(|text| &text[1..text.len() - 1]);
        for text in [secret].into_iter().chain(inner).chain(secret.lines().map(str::trim)) {
            match text.as_bytes().first_chunk::<SHORT>() {
                Some(start) => {
                    let others = self.by_start.entry(*start).or_default();
                    if !others.iter().any(|other| other == text) {
                        others.push(text.to_owned());
                        // The longest first: one secret may begin another.
                        others.sort_unstable_by_key(|other| std::cmp::Reverse(other.len()));
                    }
                }
                None if text.is_empty() => {}
                None => drop(self.short.insert(text.to_owned())),
            }
        }
    }

    /// `text` with `***` in place of each secret. One that is shorter than four bytes counts only as a word of its own.
    #[must_use]
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = String::new();
        let mut copied = 0;
        let mut at = 0;
        while at < text.len() {
            match self.secret_at(text, at) {
                Some(length) => {
                    out.push_str(&text[copied..at]);
                    out.push_str(MASK);
                    at += length;
                    copied = at;
                }
                None => at += text[at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[copied..]);
        Cow::Owned(out)
    }

    /// The length of the secret that begins here.
    fn secret_at(&self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        let long =
            rest.as_bytes().first_chunk::<SHORT>().and_then(|start| self.by_start.get(start));
        if let Some(found) = long.into_iter().flatten().find(|secret| rest.starts_with(*secret)) {
            return Some(found.len());
        }
        if self.short.is_empty() || text[..at].ends_with(char::is_alphanumeric) {
            return None;
        }
        let word = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
        self.short.contains(&rest[..word]).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_every_form() {
        let mut secrets = Secrets::default();
        for secret in ["hunter22", "hunter22-and-more", "a\"b\nsecond line", "42", "päss wörd", ""]
        {
            secrets.add(secret);
        }
        for (text, masked) in [
            ("nothing of note", "nothing of note"),
            ("it is hunter22!", "it is ***!"),
            ("hunter22-and-more", "***"),
            ("xhunter22hunter22x", "x******x"),
            ("raw a\"b\nsecond line", "raw ***"),
            (r#"debug "a\"b\nsecond line""#, "debug \"***\""),
            ("only the second line", "only the ***"),
            ("42 of 142, 42x", "*** of 142, 42x"),
            ("ein päss wörd", "ein ***"),
        ] {
            assert_eq!(secrets.masked(text), masked, "{text}");
        }
    }
}
