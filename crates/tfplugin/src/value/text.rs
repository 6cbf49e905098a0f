//! Strings as the CLI has them: in Unicode's composed form (NFC).
//!
//! The CLI composes every string that it reads, from a configuration or from a provider, keys of maps included. An API
//! may answer in another form (a file name from macOS is decomposed), and it has to be the same string here as there:
//! else an apply looks like a change that nobody planned, and two elements of a set are one.

use std::collections::BTreeMap;

use super::{AttributeType, Value};
use crate::unicode::compose;

impl Value {
    /// What the provider's own code brings, as the CLI will have it.
    pub(crate) fn of<T: AttributeType>(brought: T) -> Self {
        brought.encode().composed()
    }

    /// The value with every string in it composed, as it will be once the CLI has it. Everything that a provider's own
    /// code brings goes through here; what comes from the wire is composed as it is read.
    #[must_use]
    pub(crate) fn composed(self) -> Self {
        let all = |elements: Vec<Self>| elements.into_iter().map(Self::composed);
        let under = |entries: BTreeMap<String, Self>| {
            entries.into_iter().map(|(key, entry)| (compose(key), entry.composed())).collect()
        };
        match self {
            Self::String(text) => Self::String(compose(text)),
            Self::List(elements) => Self::List(all(elements).collect()),
            Self::Tuple(elements) => Self::Tuple(all(elements).collect()),
            Self::Set(elements) => Self::set(all(elements)),
            Self::Map(entries) => Self::Map(under(entries)),
            Self::Object(attributes) => Self::Object(under(attributes)),
            Self::Dynamic(inner) => {
                let (ty, value) = *inner;
                Self::Dynamic(Box::new((ty.composed(), value.composed())))
            }
            value @ (Self::Null | Self::Unknown(_) | Self::Bool(_) | Self::Number(_)) => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    /// The same word twice, as it is composed and as it is not.
    const COMPOSED: &str = "caf\u{e9}";
    const DECOMPOSED: &str = "cafe\u{301}";

    #[test]
    fn what_means_the_same_is_the_same() {
        let with = |text: &str| {
            let object = Type::Object([(text.to_owned(), Type::String)].into());
            Value::object([
                ("list", Value::List(vec![text.into()])),
                ("tuple", Value::Tuple(vec![text.into(), 1.into()])),
                ("map", Value::Map([(text.to_owned(), text.into())].into())),
                (
                    "dynamic",
                    Value::Dynamic(Box::new((object, Value::object([(text, text.into())])))),
                ),
            ])
        };
        assert_eq!(with(DECOMPOSED).composed(), with(COMPOSED));
        assert_eq!(with(COMPOSED).composed(), with(COMPOSED));
    }

    #[test]
    fn two_elements_of_a_set_become_one() {
        let set = Value::set([DECOMPOSED.into(), COMPOSED.into(), "z".into()]);
        assert_eq!(set.composed(), Value::set([COMPOSED.into(), "z".into()]));
    }
}
