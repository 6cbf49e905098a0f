//! Values as they travel between the CLI and a provider: every type of the CLI's language, each value
//! null, unknown or known.
//!
//! Code of a provider works with [`Attr`]; [`Value`] is the same without a type of Rust.
//!
//! ```
//! use tfplugin::{Attr, Number, Value};
//!
//! let size: Attr<i64> = 5.into();
//! assert_eq!(size.map(|size| size * 2), Attr::Known(10));
//! assert_eq!(Attr::<i64>::Unknown.map(|size| size * 2), Attr::Unknown);
//! assert_eq!(Attr::<i64>::default(), Attr::Null);
//!
//! // Numbers keep every digit that a person wrote.
//! let number: Number = "0.1".parse()?;
//! let disk = Value::object([("name", "root".into()), ("size", Value::Number(number))]);
//! assert_eq!(disk.attribute("size").map(Value::kind), Some("a number"));
//! assert!(disk.is_wholly_known());
//! # Ok::<(), tfplugin::value::ParseNumberError>(())
//! ```

mod attr;
mod attribute_type;
mod convert;
mod decode_error;
pub mod json;
pub mod msgpack;
mod number;
pub(crate) mod refinement;
pub(crate) mod text;
mod ty;

use std::collections::BTreeMap;

pub use attr::Attr;
pub use attribute_type::{AttributeType, Object};
#[doc(hidden)]
pub use attribute_type::{decode_attribute, into_attributes};
pub use decode_error::{DecodeError, DecodeErrorKind};
pub use number::{Limit, Number, ParseNumberError};
pub use refinement::{Refinement, Unknown};
pub use ty::{ParseTypeError, Type};

/// One value, without its type. The schema (or, for [`Value::Dynamic`], the value itself) says the type.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Not set.
    #[default]
    Null,
    /// Not known before apply. [`Value::UNKNOWN`] is the one of which nothing is known.
    Unknown(Unknown),
    /// A boolean.
    Bool(bool),
    /// A number, without loss.
    Number(Number),
    /// A string.
    String(String),
    /// A list: elements of one type, in order.
    List(Vec<Value>),
    /// A set: elements of one type, sorted and without duplicates. [`Value::set`] makes it so.
    Set(Vec<Value>),
    /// A tuple: each element has its own type.
    Tuple(Vec<Value>),
    /// A map: values of one type under free keys.
    Map(BTreeMap<String, Value>),
    /// An object: values under the names its type lists.
    Object(BTreeMap<String, Value>),
    /// A value whose type the schema leaves open, and which therefore carries it.
    Dynamic(Box<(Type, Value)>),
}

impl Value {
    /// Not known before apply, and nothing is known of it.
    pub const UNKNOWN: Self = Self::Unknown(Unknown::PLAIN);

    /// Not known before apply, but this is known of it.
    #[must_use]
    pub fn unknown(refinement: Refinement) -> Self {
        Self::Unknown(refinement.into())
    }

    /// A set of `elements`. Sorted, so that two equal sets are equal as they lie and comparing them is
    /// linear. Only wholly known elements can be duplicates of each other: two unknowns may turn out
    /// different.
    #[must_use]
    pub fn set(elements: impl IntoIterator<Item = Self>) -> Self {
        let mut elements: Vec<Self> = elements.into_iter().collect();
        elements.sort_unstable();
        elements.dedup_by(|later, earlier| later == earlier && later.is_wholly_known());
        Self::Set(elements)
    }

    /// The value for an attribute or a result of any type, which carries its own: a list of elements of
    /// different types is a tuple, and a map of them an object.
    #[must_use]
    pub fn dynamic(value: impl Into<Self>) -> Self {
        match value.into() {
            value @ (Self::Dynamic(_) | Self::Unknown(_) | Self::Null) => value,
            value => {
                let (ty, value) = typed(value);
                Self::Dynamic(Box::new((ty, value)))
            }
        }
    }

    /// An object with these attributes.
    #[must_use]
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// Is it null? A dynamic value is null when what it carries is.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Dynamic(inner) => inner.1.is_null(),
            _ => false,
        }
    }

    /// Is the value itself unknown? Its elements may be unknown all the same: see
    /// [`Self::is_wholly_known`].
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Dynamic(inner) => inner.1.is_unknown(),
            _ => false,
        }
    }

    /// Neither null nor unknown.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.is_null() && !self.is_unknown()
    }

    /// Nothing unknown in it, however deep.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(entries) | Self::Object(entries) => {
                entries.values().all(Self::is_wholly_known)
            }
            Self::Dynamic(inner) => inner.1.is_wholly_known(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
        }
    }

    /// The text of a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Dynamic(inner) => inner.1.as_str(),
            _ => None,
        }
    }

    /// The attributes of a known object.
    #[must_use]
    pub fn attributes(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// One attribute of a known object.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Self> {
        self.attributes().and_then(|attributes| attributes.get(name))
    }

    /// What the value is, for a message: never its content, which may be a secret.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "a value that is not known yet",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Tuple(_) => "a tuple",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
            Self::Dynamic(_) => "a dynamic value",
        }
    }
}

/// A value with its type. What is null or unknown in it has the type of what is beside it, or none.
fn typed(value: Value) -> (Type, Value) {
    let all = |values: Vec<Value>| values.into_iter().map(typed).unzip();
    let same = |types: &[Type]| {
        let mut known = types.iter().filter(|ty| **ty != Type::Dynamic);
        let first = known.next().cloned().unwrap_or(Type::Dynamic);
        (known.all(|ty| *ty == first) && !first.holds_dynamic()).then_some(first)
    };
    match value {
        Value::Null | Value::Unknown(_) => (Type::Dynamic, value),
        Value::Bool(_) => (Type::Bool, value),
        Value::Number(_) => (Type::Number, value),
        Value::String(_) => (Type::String, value),
        Value::Dynamic(inner) => *inner,
        Value::Tuple(elements) => {
            let (types, elements) = all(elements);
            (Type::Tuple(types), Value::Tuple(elements))
        }
        Value::List(elements) => {
            let (types, elements): (Vec<Type>, Vec<Value>) = all(elements);
            match same(&types) {
                Some(ty) => (Type::list(ty), Value::List(elements)),
                None => (Type::Tuple(types), Value::Tuple(elements)),
            }
        }
        Value::Set(elements) => {
            let (types, elements): (Vec<Type>, Vec<Value>) = all(elements);
            match same(&types) {
                Some(ty) => (Type::set(ty), Value::set(elements)),
                None => (Type::Tuple(types), Value::Tuple(elements)),
            }
        }
        Value::Map(entries) => {
            let (keys, values): (Vec<String>, Vec<Value>) = entries.into_iter().unzip();
            let (types, values): (Vec<Type>, Vec<Value>) = all(values);
            match same(&types) {
                Some(ty) => (Type::map(ty), Value::Map(keys.into_iter().zip(values).collect())),
                None => (
                    Type::Object(keys.iter().cloned().zip(types).collect()),
                    Value::Object(keys.into_iter().zip(values).collect()),
                ),
            }
        }
        Value::Object(attributes) => {
            let (keys, values): (Vec<String>, Vec<Value>) = attributes.into_iter().unzip();
            let (types, values): (Vec<Type>, Vec<Value>) = all(values);
            (
                Type::Object(keys.iter().cloned().zip(types).collect()),
                Value::Object(keys.into_iter().zip(values).collect()),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_one_form_whatever_the_order() {
        let one = Value::set(["b", "a", "b"].map(Value::from));
        let other = Value::set(["a", "b"].map(Value::from));
        assert_eq!(one, other);
    }

    #[test]
    fn unknown_elements_of_a_set_are_not_duplicates() {
        assert_eq!(
            Value::set([Value::UNKNOWN, Value::UNKNOWN]),
            Value::Set(vec![Value::UNKNOWN, Value::UNKNOWN])
        );
    }

    #[test]
    fn a_dynamic_value_finds_its_type() {
        let of = |value: Value| match Value::dynamic(value) {
            Value::Dynamic(inner) => {
                assert!(inner.0.admits(&inner.1), "{inner:?}");
                String::from_utf8(inner.0.to_json()).unwrap()
            }
            other => panic!("{other:?}"),
        };
        let mixed = || vec!["a".into(), Value::from(1), Value::Null];
        for (value, ty) in [
            ("a".into(), r#""string""#),
            (Value::List(vec!["a".into(), Value::Null]), r#"["list","string"]"#),
            (Value::List(mixed()), r#"["tuple",["string","number","dynamic"]]"#),
            (
                Value::List(vec![Value::List(mixed())]),
                r#"["tuple",[["tuple",["string","number","dynamic"]]]]"#,
            ),
            (Value::List(Vec::new()), r#"["tuple",[]]"#),
            (Value::Map([("a".to_owned(), Value::Bool(true))].into()), r#"["map","bool"]"#),
            (
                Value::object([("a", Value::set(["b".into()]))]),
                r#"["object",{"a":["set","string"]}]"#,
            ),
            (Value::dynamic("a"), r#""string""#),
        ] {
            assert_eq!(of(value), ty);
        }
        assert_eq!(Value::dynamic(Value::Null), Value::Null);
    }

    #[test]
    fn a_dynamic_value_is_what_it_carries() {
        let null = Value::Dynamic(Box::new((Type::String, Value::Null)));
        assert!(null.is_null() && !null.is_known());
        let unknown = Value::List(vec![Value::Dynamic(Box::new((Type::String, Value::UNKNOWN)))]);
        assert!(unknown.is_known() && !unknown.is_wholly_known());
    }
}
