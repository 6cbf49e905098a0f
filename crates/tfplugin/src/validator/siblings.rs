//! Rules about which attributes of one object are set together.

use std::collections::BTreeSet;
use std::fmt;

use super::words::{listed, quoted};
use super::{Rule, Validator};
use crate::diagnostic::{Diagnostic, Notice, Path};

/// Which attributes go together with this one.
#[derive(Debug, Clone)]
pub(super) struct Siblings {
    together: Together,
    names: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Together {
    Conflicts,
    Requires,
    AtLeastOne,
    ExactlyOne,
}

/// What is configured of an attribute, as far as siblings care.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Set,
    Unset,
    /// It may turn out to be null.
    Unknown,
}

/// The groups of attributes about which something was said: the same rule stands at each of them.
pub(super) type Said = BTreeSet<(Together, BTreeSet<String>)>;

impl Siblings {
    /// The rule about these siblings.
    pub(super) fn rule<S: AsRef<str>>(together: Together, names: &[S]) -> Validator {
        let names = names.iter().map(|name| name.as_ref().to_owned()).collect();
        Validator(Rule::Siblings(Self { together, names }))
    }

    /// The name of the validator.
    pub(super) const fn name(&self) -> &'static str {
        match self.together {
            Together::Conflicts => "conflicts_with",
            Together::Requires => "required_with",
            Together::AtLeastOne => "at_least_one_of",
            Together::ExactlyOne => "exactly_one_of",
        }
    }

    /// What is wrong with the rule where only the attributes and blocks of `known` exist.
    pub(super) fn problem(&self, known: &dyn Fn(&str) -> bool) -> Option<String> {
        if self.names.is_empty() {
            return Some(format!("`{}` names no attribute", self.name()));
        }
        let missing = self.names.iter().find(|name| !known(name))?;
        let rule = self.name();
        Some(format!("`{rule}` names `{missing}`, which is no attribute or block beside it"))
    }

    /// Checks the attribute `own`, which lies at `path`. What was `said` of the same attributes already is
    /// not said again.
    pub(super) fn check(
        &self,
        own: &str,
        path: &Path,
        setting: &dyn Fn(&str) -> Setting,
        said: &mut Said,
    ) -> Option<Diagnostic> {
        let others: Vec<&str> =
            self.names.iter().map(String::as_str).filter(|name| *name != own).collect();
        let all: Vec<&str> = std::iter::once(own).chain(others.iter().copied()).collect();
        let these = |names: &[&str], wanted: Setting| -> Vec<String> {
            let found: Vec<&str> =
                names.iter().copied().filter(|name| setting(name) == wanted).collect();
            quoted(&found)
        };
        let own_set = setting(own) == Setting::Set;
        let none_set = || all.iter().all(|name| setting(name) == Setting::Unset);
        let (summary, detail) = match self.together {
            Together::Conflicts => {
                let set = these(&others, Setting::Set);
                if !own_set || set.is_empty() {
                    return None;
                }
                let detail = format!(
                    "`{own}` cannot be set together with {}. Remove one or the other.",
                    listed(&set, "and")
                );
                ("Conflicting attributes", detail)
            }
            Together::Requires => {
                let unset = these(&others, Setting::Unset);
                if !own_set || unset.is_empty() {
                    return None;
                }
                let detail =
                    format!("Where `{own}` is set, {} must be set too.", listed(&unset, "and"));
                ("Missing attribute", detail)
            }
            Together::AtLeastOne if none_set() => {
                let detail =
                    format!("At least one of {} must be set.", listed(&quoted(&all), "and"));
                ("Missing attribute", detail)
            }
            Together::ExactlyOne if none_set() => {
                let detail = format!("One of {} must be set.", listed(&quoted(&all), "and"));
                ("Missing attribute", detail)
            }
            Together::AtLeastOne => return None,
            Together::ExactlyOne => {
                let set = these(&all, Setting::Set);
                if set.len() < 2 {
                    return None;
                }
                let detail = format!(
                    "Only one of {} can be set; here {} are.",
                    listed(&quoted(&all), "and"),
                    listed(&set, "and")
                );
                ("Conflicting attributes", detail)
            }
        };
        let group = all.iter().map(|name| (*name).to_owned()).collect();
        said.insert((self.together, group))
            .then(|| Diagnostic::noticed(Notice::Together, summary, detail).at(path.clone()))
    }
}

impl fmt::Display for Siblings {
    /// Completes "The value must be …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = listed(&quoted(&self.names), "and");
        match self.together {
            Together::Conflicts => write!(f, "left out where any of {names} is set"),
            Together::Requires => write!(f, "set together with {names}"),
            Together::AtLeastOne => write!(f, "set, or at least one of {names}"),
            Together::ExactlyOne => write!(f, "set, or exactly one of {names}, and not both"),
        }
    }
}
