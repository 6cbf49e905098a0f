//! What a configured value has to be, as data: checked on known values when a configuration is
//! validated, and said in words a person understands.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, OnceLock};

use regex_lite::Regex;

use crate::diagnostic::{Diagnostic, Diagnostics, Path};
use crate::duration;
use crate::schema::{Attribute, Block, Nesting};
use crate::value::{Number, Value};

/// One rule for a value.
#[derive(Debug, Clone)]
pub struct Validator(Rule);

#[derive(Debug, Clone)]
enum Rule {
    Length { min: usize, max: usize },
    Range { min: Option<i64>, max: Option<i64> },
    Regex { pattern: &'static str, reads_as: &'static str, compiled: Arc<OnceLock<Option<Regex>>> },
    OneOf(Vec<String>),
    Duration,
    Custom(fn(&Value) -> Result<(), String>),
    Each(Box<Validator>),
    Keys(Box<Validator>),
}

/// A string of so many characters, or a collection of so many elements: `length(1..=50)`.
pub fn length(range: impl RangeBounds<usize>) -> Validator {
    let (min, max) = bounds(&range);
    Validator(Rule::Length { min, max })
}

/// The least and the most of a range of lengths.
pub(crate) fn bounds(range: &impl RangeBounds<usize>) -> (usize, usize) {
    let min = match range.start_bound() {
        Bound::Included(min) => *min,
        Bound::Excluded(below) => below.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let max = match range.end_bound() {
        Bound::Included(max) => *max,
        Bound::Excluded(above) => above.saturating_sub(1),
        Bound::Unbounded => usize::MAX,
    };
    (min, max)
}

/// A number in this range: `range(0..=100)`.
pub fn range(range: impl RangeBounds<i64>) -> Validator {
    let min = match range.start_bound() {
        Bound::Included(min) => Some(*min),
        Bound::Excluded(below) => Some(below.saturating_add(1)),
        Bound::Unbounded => None,
    };
    let max = match range.end_bound() {
        Bound::Included(max) => Some(*max),
        Bound::Excluded(above) => Some(above.saturating_sub(1)),
        Bound::Unbounded => None,
    };
    Validator(Rule::Range { min, max })
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
    Validator(Rule::OneOf(values.iter().map(|value| value.as_ref().to_owned()).collect()))
}

/// A duration such as `30m` or `1h30m`.
#[must_use]
pub const fn duration() -> Validator {
    Validator(Rule::Duration)
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

// === impl Validator ===

impl Validator {
    /// Checks `value`, which lies at `path`. Null and unknown follow every rule.
    pub fn check(&self, value: &Value, path: &Path, diagnostics: &mut Diagnostics) {
        if !value.is_known() {
            return;
        }
        match &self.0 {
            Rule::Each(rule) => each_element(value, path, |element, path| {
                rule.check(element, &path, diagnostics);
            }),
            Rule::Keys(rule) => {
                if let Value::Map(entries) = value {
                    for key in entries.keys() {
                        let path = path.clone().key(key);
                        rule.check(&Value::from(key.as_str()), &path, diagnostics);
                    }
                }
            }
            _ => {
                if let Err(detail) = self.verdict(value) {
                    let summary = format!("Invalid value for `{path}`");
                    diagnostics.push(Diagnostic::error(summary, detail).at(path.clone()));
                }
            }
        }
    }

    /// Is the rule itself sound? Says what is wrong with it.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.0 {
            Rule::Regex { pattern, .. } => Regex::new(pattern)
                .err()
                .map(|error| format!("`{pattern}` is not a regular expression: {error}")),
            Rule::Length { min, max } if min > max => Some("no length is in its range".to_owned()),
            Rule::OneOf(values) if values.is_empty() => Some("no value is allowed".to_owned()),
            Rule::Each(rule) | Rule::Keys(rule) => rule.problem(),
            _ => None,
        }
    }

    fn verdict(&self, value: &Value) -> Result<(), String> {
        let holds = match (&self.0, value) {
            (Rule::Custom(rule), value) => return rule(value),
            (Rule::Duration, Value::String(text)) => {
                return duration::parse(text).map(drop).map_err(|error| {
                    format!("The value must be {self}; this is not one: {error}.")
                });
            }
            (Rule::Length { min, max }, value) => {
                size(value).is_none_or(|size| (*min..=*max).contains(&size))
            }
            (Rule::Range { min, max }, Value::Number(number)) => {
                min.is_none_or(|min| *number >= Number::from(min))
                    && max.is_none_or(|max| *number <= Number::from(max))
            }
            (Rule::Regex { pattern, compiled, .. }, Value::String(text)) => compiled
                .get_or_init(|| Regex::new(pattern).ok())
                .as_ref()
                .is_some_and(|regex| regex.is_match(text)),
            (Rule::OneOf(values), Value::String(text)) => values.contains(text),
            _ => true,
        };
        if holds { Ok(()) } else { Err(format!("The value must be {}.", self.said_of(value))) }
    }

    /// The rule in words that fit the value: a list has elements, a string characters.
    fn said_of(&self, value: &Value) -> String {
        match (&self.0, size(value)) {
            (Rule::Length { min, max }, Some(size)) => {
                let unit = if value.as_str().is_some() { "character" } else { "element" };
                format!("{}; it has {size}", said_length(*min, *max, unit))
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Validator {
    /// Completes "The value must be …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Length { min, max } => f.write_str(&said_length(*min, *max, "character")),
            Rule::Range { min: Some(min), max: Some(max) } => write!(f, "between {min} and {max}"),
            Rule::Range { min: Some(min), max: None } => write!(f, "at least {min}"),
            Rule::Range { min: None, max: Some(max) } => write!(f, "at most {max}"),
            Rule::Range { min: None, max: None } => f.write_str("a number"),
            Rule::Regex { reads_as, .. } => f.write_str(reads_as),
            Rule::OneOf(values) => {
                let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                match quoted.split_last() {
                    Some((last, [])) => f.write_str(last),
                    Some((last, rest)) => write!(f, "{} or {last}", rest.join(", ")),
                    None => f.write_str("nothing"),
                }
            }
            Rule::Duration => f.write_str("a duration such as `30m` or `1h30m`"),
            Rule::Custom(_) => f.write_str("valid"),
            Rule::Each(rule) => write!(f, "a collection in which each element is {rule}"),
            Rule::Keys(rule) => write!(f, "a map in which each key is {rule}"),
        }
    }
}

/// Runs the validators of every attribute of `block` on the values of `config`, nested ones too.
pub(crate) fn check_block(
    block: &Block,
    config: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    check_attributes(&block.attributes, config, path, diagnostics);
    for (name, nested) in &block.blocks {
        let Some(value) = config.attribute(name) else { continue };
        let path = path.clone().nested(name);
        if nested.nesting == Nesting::Single {
            check_block(&nested.block, value, &path, diagnostics);
        } else {
            each_element(value, &path, |element, path| {
                check_block(&nested.block, element, &path, diagnostics);
            });
        }
    }
}

fn check_attributes(
    attributes: &BTreeMap<String, Attribute>,
    config: &Value,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    for (name, attribute) in attributes {
        let Some(value) = config.attribute(name) else { continue };
        let path = path.clone().nested(name);
        for validator in &attribute.validators {
            validator.check(value, &path, diagnostics);
        }
        match attribute.nested() {
            Some((Nesting::Single, object)) => {
                check_attributes(&object.attributes, value, &path, diagnostics);
            }
            Some((_, object)) => each_element(value, &path, |element, path| {
                check_attributes(&object.attributes, element, &path, diagnostics);
            }),
            None => {}
        }
    }
}

fn said_length(min: usize, max: usize, unit: &str) -> String {
    let units = |count: usize| if count == 1 { unit.to_owned() } else { format!("{unit}s") };
    match (min, max) {
        (min, max) if min == max => format!("exactly {min} {} long", units(min)),
        (0, max) => format!("at most {max} {} long", units(max)),
        (min, usize::MAX) => format!("at least {min} {} long", units(min)),
        (min, max) => format!("{min} to {max} {} long", units(max)),
    }
}

fn size(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            Some(elements.len())
        }
        Value::Map(entries) => Some(entries.len()),
        _ => None,
    }
}

fn each_element(value: &Value, path: &Path, mut check: impl FnMut(&Value, Path)) {
    match value {
        Value::List(elements) | Value::Tuple(elements) => {
            for (index, element) in elements.iter().enumerate() {
                check(element, path.clone().index(i64::try_from(index).unwrap_or(i64::MAX)));
            }
        }
        // The protocol has no path into a set.
        Value::Set(elements) => elements.iter().for_each(|element| check(element, path.clone())),
        Value::Map(entries) => {
            entries.iter().for_each(|(key, entry)| check(entry, path.clone().key(key)));
        }
        _ => {}
    }
}
