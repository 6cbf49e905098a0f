//! Strings as the CLI has them: in Unicode's composed form (NFC).
//!
//! The CLI composes every string that it reads, from a configuration or from a provider, keys of maps included. An API
//! may answer in another form (a file name from macOS is decomposed), and it has to be the same string here as there:
//! else an apply looks like a change that nobody planned, and two elements of a set are one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use super::{AttributeType, Type, Value};

/// The composed form of `text`.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

/// The same for a text that is owned already.
pub(crate) fn compose(text: String) -> String {
    match composed(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(composed) => composed,
    }
}

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

impl Type {
    /// The type with the name of every attribute composed.
    #[must_use]
    fn composed(self) -> Self {
        match self {
            Self::List(element) => Self::list(element.composed()),
            Self::Set(element) => Self::set(element.composed()),
            Self::Map(element) => Self::map(element.composed()),
            Self::Tuple(types) => Self::Tuple(types.into_iter().map(Self::composed).collect()),
            Self::Object(types) => Self::Object(
                types.into_iter().map(|(name, ty)| (compose(name), ty.composed())).collect(),
            ),
            ty @ (Self::Bool | Self::Number | Self::String | Self::Dynamic) => ty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
