//! Rules in words.

use std::fmt;
use std::ops::Bound;

use super::{Rule, Validator, sizes};
use crate::value::{Number, Value};

impl Validator {
    /// What goes on from "The value must …", in words that fit the value: a list has elements, a string
    /// characters.
    pub(super) fn demand(&self, value: &Value) -> String {
        match &self.0 {
            Rule::Not(rule) => format!("not be {}", rule.said_of(value)),
            _ => format!("be {}", self.said_of(value)),
        }
    }

    fn said_of(&self, value: &Value) -> String {
        match (&self.0, sizes(value)) {
            (Rule::Length { min, max }, Some(_)) => {
                let unit = if value.as_str().is_some() { "character" } else { "element" };
                said_length(*min, *max, unit)
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
            Rule::Range(Some((min, max))) => f.write_str(&said_range(min, max)),
            Rule::Range(None) => f.write_str("a number"),
            Rule::Regex { reads_as, .. } | Rule::Satisfies { reads_as, .. } => {
                f.write_str(reads_as)
            }
            Rule::OneOf(values) => f.write_str(&listed(&quoted(values), "or")),
            Rule::Format(format) => format.fmt(f),
            Rule::Unique => f.write_str("a list without duplicates"),
            Rule::Custom(_) => f.write_str("valid"),
            Rule::Each(rule) => write!(f, "a collection in which each element is {rule}"),
            Rule::Keys(rule) => write!(f, "a map in which each key is {rule}"),
            Rule::AllOf(rules) => joined(f, rules, "and"),
            Rule::AnyOf(rules) => joined(f, rules, "or"),
            Rule::Not(rule) => write!(f, "not {rule}"),
            Rule::Siblings(siblings) => siblings.fmt(f),
        }
    }
}

/// "A, or B": with a comma before the last, since the parts have "or" and "and" of their own.
fn joined(f: &mut fmt::Formatter<'_>, rules: &[Validator], word: &str) -> fmt::Result {
    for (index, rule) in rules.iter().enumerate() {
        match index {
            0 => write!(f, "{rule}")?,
            index if index + 1 == rules.len() => write!(f, ", {word} {rule}")?,
            _ => write!(f, ", {rule}")?,
        }
    }
    Ok(())
}

/// Each in backticks.
pub(super) fn quoted<S: AsRef<str>>(words: &[S]) -> Vec<String> {
    words.iter().map(|word| format!("`{}`", word.as_ref())).collect()
}

/// "A", "A or B", "A, B or C".
pub(super) fn listed(words: &[String], word: &str) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
        None => "nothing".to_owned(),
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

fn said_range(min: &Bound<Number>, max: &Bound<Number>) -> String {
    let least = match min {
        Bound::Included(min) => Some(format!("at least {min}")),
        Bound::Excluded(min) => Some(format!("more than {min}")),
        Bound::Unbounded => None,
    };
    let most = match max {
        Bound::Included(max) => Some(format!("at most {max}")),
        Bound::Excluded(max) => Some(format!("less than {max}")),
        Bound::Unbounded => None,
    };
    match (min, max, least, most) {
        (Bound::Included(min), Bound::Included(max), ..) => format!("between {min} and {max}"),
        (_, _, Some(least), Some(most)) => format!("{least} and {most}"),
        (_, _, Some(one), None) | (_, _, None, Some(one)) => one,
        (_, _, None, None) => "a number".to_owned(),
    }
}
