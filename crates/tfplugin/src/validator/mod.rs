//! What a configured value has to be, as data: checked on known values when a configuration is
//! validated, and said in words a person understands.
//!
//! In a struct they stand in `validate(…)`, several of them with commas between; `each`, `all_of`, `any_of` and `not`
//! combine them.
//!
//! ```
//! use tfplugin::{Attr, Diagnostics, Object, Path, Value, validator};
//!
//! /// Who may connect.
//! #[derive(Object)]
//! struct Rule {
//!     /// Networks.
//!     #[attribute(required, validate(length(1..), each(any_of(cidr_v4(), one_of(&["any"])))))]
//!     sources: Attr<Vec<String>>,
//!     /// The user that answers for it, unless it is a team.
//!     #[attribute(optional, validate(email(), conflicts_with(&["team"])))]
//!     owner: Attr<String>,
//!     /// The team that answers for it.
//!     #[attribute(optional)]
//!     team: Attr<String>,
//! }
//!
//! let mut said = Diagnostics::new();
//! validator::one_of(&["low", "high"]).check(&"middle".into(), &Path::attribute("level"), &mut said);
//! let said = said.iter().next().expect("it is neither");
//! assert_eq!(said.summary, "Invalid value for `level`");
//! assert_eq!(said.detail, "The value must be `low` or `high`.");
//!
//! // What is not known yet is right until it is known.
//! let mut said = Diagnostics::new();
//! validator::email().check(&Value::UNKNOWN, &Path::attribute("owner"), &mut said);
//! assert!(said.is_empty());
//! ```

mod format;
mod marks;
mod siblings;
mod sound;
mod walk;
mod words;

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, OnceLock};

use regex_lite::Regex;

use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Path};
use crate::unicode::composed;
use crate::value::refinement::bounds;
use crate::value::{Limit, Number, Value};

use format::{Family, Format};
use siblings::{Siblings, Together};
pub(crate) use walk::check_block;

/// One rule for a value.
#[derive(Debug, Clone)]
pub struct Validator(Rule);

#[derive(Debug, Clone)]
enum Rule {
    Length { min: usize, max: usize },
    Range(Option<(Bound<Number>, Bound<Number>)>),
    Regex { pattern: &'static str, reads_as: &'static str, compiled: Arc<OnceLock<Option<Regex>>> },
    OneOf(Vec<String>),
    Format(Format),
    Unique,
    Satisfies { holds: fn(&Value) -> bool, reads_as: &'static str },
    Custom(fn(&Value) -> Result<(), String>),
    Each(Box<Validator>),
    Keys(Box<Validator>),
    AllOf(Vec<Validator>),
    AnyOf(Vec<Validator>),
    Not(Box<Validator>),
    Siblings(Siblings),
}

/// Why a value does not follow a rule.
enum Wrong {
    /// It is not what the rule says, perhaps with a reason: what is wrong with this value.
    Rule(Option<String>),
    /// A whole sentence of the provider's.
    Sentence(String),
}

/// A string of so many characters, or a collection of so many elements: `length(1..=50)`.
pub fn length(range: impl RangeBounds<usize>) -> Validator {
    let (min, max) = bounds(&range);
    Validator(Rule::Length { min, max })
}

/// A number in this range: `range(0..=100)`, `range(0.5..1.0)`. A float is the decimal number it is
/// written as.
pub fn range<N: Limit>(range: impl RangeBounds<N>) -> Validator {
    Validator(Rule::Range(Limit::range(&range)))
}

/// A string that matches `pattern`. `reads_as` completes "The value must be …":
/// `regex("^[0-9]{12}$", "an account id of 12 digits")`.
#[must_use]
pub fn regex(pattern: &'static str, reads_as: &'static str) -> Validator {
    Validator(Rule::Regex { pattern, reads_as, compiled: Arc::new(OnceLock::new()) })
}

/// One of these strings.
#[must_use]
pub fn one_of<S: AsRef<str>>(values: &[S]) -> Validator {
    Validator(Rule::OneOf(
        values.iter().map(|value| composed(value.as_ref()).into_owned()).collect(),
    ))
}

/// A duration such as `30m` or `1h30m`.
#[must_use]
pub const fn duration() -> Validator {
    Validator(Rule::Format(Format::Duration))
}

/// An IPv4 or IPv6 network such as `10.0.0.0/16`. An address inside of one is refused, with the network it
/// is in.
#[must_use]
pub const fn cidr() -> Validator {
    Validator(Rule::Format(Format::Cidr(None)))
}

/// An IPv4 network, see [`cidr`].
#[must_use]
pub const fn cidr_v4() -> Validator {
    Validator(Rule::Format(Format::Cidr(Some(Family::V4))))
}

/// An IPv6 network, see [`cidr`].
#[must_use]
pub const fn cidr_v6() -> Validator {
    Validator(Rule::Format(Format::Cidr(Some(Family::V6))))
}

/// An email address with a domain, and nothing around it.
#[must_use]
pub const fn email() -> Validator {
    Validator(Rule::Format(Format::Email))
}

/// An Amazon Resource Name.
#[must_use]
pub const fn arn() -> Validator {
    Validator(Rule::Format(Format::Arn(None)))
}

/// An Amazon Resource Name of one service: `arn_of("iam")`.
#[must_use]
pub const fn arn_of(service: &'static str) -> Validator {
    Validator(Rule::Format(Format::Arn(Some(service))))
}

/// A date and time in RFC 3339, as the CLI's own functions have it: `2026-01-02T15:04:05Z`.
#[must_use]
pub const fn rfc3339() -> Validator {
    Validator(Rule::Format(Format::Rfc3339))
}

/// A list in which no element is there twice.
#[must_use]
pub const fn unique() -> Validator {
    Validator(Rule::Unique)
}

/// Whatever `holds` of. `reads_as` completes "The value must be …". The value is known and not null.
#[must_use]
pub const fn satisfies(holds: fn(&Value) -> bool, reads_as: &'static str) -> Validator {
    Validator(Rule::Satisfies { holds, reads_as })
}

/// Whatever the function says. Its error is a whole sentence, and the value is known and not null.
#[must_use]
pub const fn custom(rule: fn(&Value) -> Result<(), String>) -> Validator {
    Validator(Rule::Custom(rule))
}

/// Each element of a collection follows `rule`.
#[must_use]
pub fn each(rule: Validator) -> Validator {
    Validator(Rule::Each(Box::new(rule)))
}

/// Each key of a map follows `rule`.
#[must_use]
pub fn keys(rule: Validator) -> Validator {
    Validator(Rule::Keys(Box::new(rule)))
}

/// Every one of `rules`: what is wrong is said rule by rule. In `validate(…)` the rules stand without
/// brackets: `all_of(length(..9), not(one_of(&["default"])))`.
#[must_use]
pub fn all_of(rules: impl IntoIterator<Item = Validator>) -> Validator {
    Validator(Rule::AllOf(rules.into_iter().collect()))
}

/// At least one of `rules`. In `validate(…)` the rules stand without brackets:
/// `any_of(cidr, one_of(&["any"]))`.
#[must_use]
pub fn any_of(rules: impl IntoIterator<Item = Validator>) -> Validator {
    Validator(Rule::AnyOf(rules.into_iter().collect()))
}

/// What does not follow `rule`.
#[must_use]
pub fn not(rule: Validator) -> Validator {
    Validator(Rule::Not(Box::new(rule)))
}

/// Where this attribute is set, none of `siblings` is. They are attributes or blocks of the same object.
#[must_use]
pub fn conflicts_with<S: AsRef<str>>(siblings: &[S]) -> Validator {
    Siblings::rule(Together::Conflicts, siblings)
}

/// Where this attribute is set, all of `siblings` are: attributes or blocks of the same object.
#[must_use]
pub fn required_with<S: AsRef<str>>(siblings: &[S]) -> Validator {
    Siblings::rule(Together::Requires, siblings)
}

/// This attribute or at least one of `siblings` is set: attributes or blocks of the same object.
#[must_use]
pub fn at_least_one_of<S: AsRef<str>>(siblings: &[S]) -> Validator {
    Siblings::rule(Together::AtLeastOne, siblings)
}

/// Either this attribute or exactly one of `siblings` is set: attributes or blocks of the same object.
#[must_use]
pub fn exactly_one_of<S: AsRef<str>>(siblings: &[S]) -> Validator {
    Siblings::rule(Together::ExactlyOne, siblings)
}

// === impl Validator ===

impl Validator {
    /// Checks `value`, which lies at `path`. Null and unknown follow every rule, and so does everything a
    /// rule about siblings is asked of: it can be judged only in its object.
    pub fn check(&self, value: &Value, path: &Path, diagnostics: &mut Diagnostics) {
        self.run(value, path, false, diagnostics);
    }

    /// Checks `value`. What is `secret` is not described in a message.
    fn run(&self, value: &Value, path: &Path, secret: bool, diagnostics: &mut Diagnostics) {
        let value = carried(value);
        if !value.is_known() {
            return;
        }
        let mut report = |path: &Path, wrong: Wrong| {
            let detail = match wrong {
                Wrong::Sentence(sentence) => sentence,
                Wrong::Rule(Some(why)) if !secret => {
                    format!("The value must {}; {why}.", self.demand(value))
                }
                Wrong::Rule(_) => format!("The value must {}.", self.demand(value)),
            };
            let summary = format!("Invalid value for `{path}`");
            diagnostics.push(Diagnostic::noticed(Notice::Value, summary, detail).at(path.clone()));
        };
        match &self.0 {
            Rule::Each(rule) => walk::each_element(value, path, |element, path| {
                rule.run(element, &path, secret, diagnostics);
            }),
            Rule::Keys(rule) => {
                if let Value::Map(entries) = value {
                    for key in entries.keys() {
                        let path = path.clone().key(key);
                        rule.run(&Value::from(key.as_str()), &path, secret, diagnostics);
                    }
                }
            }
            Rule::AllOf(rules) => {
                for rule in rules {
                    rule.run(value, path, secret, diagnostics);
                }
            }
            Rule::Unique => {
                for (first, again) in duplicates(value) {
                    let why = format!("this element is the same as the one at index {first}");
                    let index = i64::try_from(again).unwrap_or(i64::MAX);
                    report(&path.clone().index(index), Wrong::Rule(Some(why)));
                }
            }
            _ => {
                if let Err(wrong) = self.verdict(value) {
                    report(path, wrong);
                }
            }
        }
    }

    /// Does a value follow the rule as a whole?
    fn holds(&self, value: &Value) -> bool {
        let mut diagnostics = Diagnostics::new();
        self.run(value, &Path::root(), false, &mut diagnostics);
        diagnostics.is_empty()
    }

    fn verdict(&self, value: &Value) -> Result<(), Wrong> {
        let holds = match (&self.0, value) {
            (Rule::Custom(rule), value) => return rule(value).map_err(Wrong::Sentence),
            (Rule::Format(format), Value::String(text)) => {
                return format.check(text).map_err(Wrong::Rule);
            }
            (Rule::Length { min, max }, value) => match sizes(value) {
                Some((least, most)) if least > *max || most < *min => {
                    return Err(Wrong::Rule(Some(format!("it has {most}"))));
                }
                _ => true,
            },
            (Rule::Range(Some(range)), Value::Number(number)) => range.contains(number),
            (Rule::Regex { pattern, compiled, .. }, Value::String(text)) => compiled
                .get_or_init(|| Regex::new(pattern).ok())
                .as_ref()
                .is_some_and(|regex| regex.is_match(text)),
            (Rule::OneOf(values), Value::String(text)) => values.contains(text),
            (Rule::Satisfies { holds, .. }, value) => holds(value),
            (Rule::AnyOf(rules), value) => rules.iter().any(|rule| rule.holds(value)),
            // What is unknown in it follows the rule now, and may not follow it later.
            (Rule::Not(rule), value) => !value.is_wholly_known() || !rule.holds(value),
            _ => true,
        };
        if holds { Ok(()) } else { Err(Wrong::Rule(None)) }
    }
}

/// The value that a dynamic value carries, else the value itself.
fn carried(value: &Value) -> &Value {
    match value {
        Value::Dynamic(inner) => carried(&inner.1),
        value => value,
    }
}

/// How many characters or elements it has: the least and the most, since unknown elements of a set may
/// turn out to be the same.
fn sizes(value: &Value) -> Option<(usize, usize)> {
    let size = match value {
        Value::String(text) => text.chars().count(),
        Value::Set(elements) => {
            let known = elements.iter().filter(|element| element.is_wholly_known()).count();
            let least = if known == 0 { elements.len().min(1) } else { known };
            return Some((least, elements.len()));
        }
        Value::List(elements) | Value::Tuple(elements) => elements.len(),
        Value::Map(entries) => entries.len(),
        _ => return None,
    };
    Some((size, size))
}

/// Where an element is the same as an earlier one: the index of the first, and its own.
fn duplicates(value: &Value) -> Vec<(usize, usize)> {
    let (Value::List(elements) | Value::Tuple(elements)) = value else { return Vec::new() };
    let mut seen = BTreeMap::new();
    let mut found = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        if element.is_wholly_known() {
            match seen.get(element) {
                Some(first) => found.push((*first, index)),
                None => {
                    seen.insert(element, index);
                }
            }
        }
    }
    found
}
