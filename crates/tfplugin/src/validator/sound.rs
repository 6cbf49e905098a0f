//! Is a rule itself sound, where it stands?

use regex_lite::Regex;

use super::{Rule, Validator};
use crate::value::Type;

impl Validator {
    /// What is wrong with the rule at an attribute of type `ty`, beside which only the attributes and
    /// blocks of `known` exist.
    pub(crate) fn problem_at(&self, ty: &Type, known: &dyn Fn(&str) -> bool) -> Option<String> {
        match &self.0 {
            Rule::Siblings(siblings) => siblings.problem(known),
            _ => self.problem(ty),
        }
    }

    /// Is the rule itself sound, for values of type `ty`? Says what is wrong with it.
    fn problem(&self, ty: &Type) -> Option<String> {
        let named = |kind: &str| Some(format!("a {ty} is never {kind}"));
        let text = matches!(ty, Type::String | Type::Dynamic);
        let any = *ty == Type::Dynamic;
        match &self.0 {
            Rule::Regex { pattern, .. } => match Regex::new(pattern) {
                Err(error) => Some(format!("`{pattern}` is not a regular expression: {error}")),
                Ok(_) if !text => named(&self.to_string()),
                Ok(_) => None,
            },
            Rule::Length { min, max } if min > max => Some("no length is in its range".to_owned()),
            Rule::Range(None) => Some("a limit of its range is not a number".to_owned()),
            Rule::OneOf(values) if values.is_empty() => Some("no value is allowed".to_owned()),
            Rule::OneOf(_) | Rule::Format(_) if !text => named(&self.to_string()),
            Rule::Range(_) if !any && *ty != Type::Number => named(&self.to_string()),
            Rule::Length { .. } => match ty {
                Type::Bool | Type::Number | Type::Object(_) => {
                    Some(format!("a {ty} has no length"))
                }
                _ => None,
            },
            Rule::Unique => match ty {
                Type::List(_) | Type::Tuple(_) | Type::Dynamic => None,
                _ => Some(format!("a {ty} cannot have an element twice")),
            },
            Rule::Each(rule) => match ty {
                Type::List(element) | Type::Set(element) | Type::Map(element) => {
                    rule.nested_problem(element)
                }
                Type::Tuple(_) | Type::Dynamic => rule.nested_problem(&Type::Dynamic),
                _ => Some(format!("a {ty} has no elements")),
            },
            Rule::Keys(rule) => match ty {
                Type::Map(_) | Type::Dynamic => rule.nested_problem(&Type::String),
                _ => Some(format!("a {ty} has no keys")),
            },
            Rule::AllOf(rules) => rules.iter().find_map(|rule| rule.nested_problem(ty)),
            Rule::AnyOf(rules) if rules.is_empty() => Some("no value is allowed".to_owned()),
            Rule::AnyOf(rules) => rules.iter().find_map(|rule| rule.wordless_problem(ty)),
            Rule::Not(rule) => rule.wordless_problem(ty),
            _ => None,
        }
    }

    fn nested_problem(&self, ty: &Type) -> Option<String> {
        match &self.0 {
            Rule::Siblings(siblings) => {
                Some(format!("`{}` is about a whole attribute: take it out", siblings.name()))
            }
            _ => self.problem(ty),
        }
    }

    /// The problem of a rule inside of a sentence that is put together from its words.
    fn wordless_problem(&self, ty: &Type) -> Option<String> {
        match &self.0 {
            Rule::Custom(_) => Some(
                "`custom` has no words of its own: write `satisfies(…, \"a …\")` inside of `any_of` and \
                 `not`"
                    .to_owned(),
            ),
            Rule::Not(_) => Some("`not` inside of `any_of` or `not` is hard to read".to_owned()),
            _ => self.nested_problem(ty),
        }
    }
}
