//! From wire values to Rust types and back.

use std::collections::{BTreeMap, BTreeSet};

use super::{Attr, DecodeError, DecodeErrorKind, Number, Type, Value};
use crate::schema::{AttributeKind, Block, Nesting};

/// A Rust type that an attribute can have.
#[diagnostic::on_unimplemented(
    message = "an attribute cannot be a `{Self}`",
    note = "attributes are `Attr<T>` of `String`, `bool`, `i64`, `Number`, `Value`, of `Vec<T>`, `BTreeSet<T>` or \
            `BTreeMap<String, T>`, or of a struct that derives `tfplugin::Object`; a float would lose digits \
            that a configuration has: take `Number`, and its `to_f64`"
)]
pub trait AttributeType: Sized {
    /// What the schema says about an attribute of this type: a plain type, or nested attributes.
    fn kind() -> AttributeKind;

    /// The type on the wire.
    #[must_use]
    fn ty() -> Type {
        Self::kind().ty()
    }

    /// Takes a wire value.
    ///
    /// # Errors
    /// [`DecodeErrorKind::Unknown`] where this type has no place for an unknown value, else what does
    /// not fit.
    fn decode(value: Value) -> Result<Self, DecodeError>;

    /// Gives a wire value.
    fn encode(self) -> Value;
}

/// A Rust struct that is a whole object: a resource, a data source, a provider's configuration, or
/// nested attributes. `#[derive(tfplugin::Object)]` writes it.
pub trait Object: AttributeType + Send + Sync + 'static {
    /// Its attributes and blocks, with their descriptions.
    fn block() -> Block;
}

impl<T: AttributeType> AttributeType for Attr<T> {
    fn kind() -> AttributeKind {
        T::kind()
    }

    /// An unknown inside a `T` that has no place for it makes the whole attribute unknown.
    fn decode(value: Value) -> Result<Self, DecodeError> {
        if value.is_null() {
            return Ok(Self::Null);
        }
        if value.is_unknown() {
            return Ok(Self::Unknown);
        }
        match T::decode(value) {
            Ok(value) => Ok(Self::Known(value)),
            Err(DecodeError { kind: DecodeErrorKind::Unknown, .. }) => Ok(Self::Unknown),
            Err(error) => Err(error),
        }
    }

    fn encode(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Unknown => Value::UNKNOWN,
            Self::Known(value) => value.encode(),
        }
    }
}

impl<T: AttributeType> AttributeType for Option<T> {
    fn kind() -> AttributeKind {
        T::kind()
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        if value.is_null() { Ok(None) } else { T::decode(value).map(Some) }
    }

    fn encode(self) -> Value {
        self.map_or(Value::Null, T::encode)
    }
}

impl AttributeType for String {
    fn kind() -> AttributeKind {
        AttributeKind::Type(Type::String)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(DecodeError::mismatch("a string", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::String(self)
    }
}

impl AttributeType for bool {
    fn kind() -> AttributeKind {
        AttributeKind::Type(Type::Bool)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Bool(flag) => Ok(flag),
            other => Err(DecodeError::mismatch("a bool", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Bool(self)
    }
}

impl AttributeType for Number {
    fn kind() -> AttributeKind {
        AttributeKind::Type(Type::Number)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Number(number) => Ok(number),
            other => Err(DecodeError::mismatch("a number", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Number(self)
    }
}

impl AttributeType for i64 {
    fn kind() -> AttributeKind {
        AttributeKind::Type(Type::Number)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        Number::decode(value)?.as_i64().ok_or_else(|| {
            DecodeError::new(DecodeErrorKind::Invalid(
                "expected a whole number that fits in 64 bits".to_owned(),
            ))
        })
    }

    fn encode(self) -> Value {
        self.into()
    }
}

/// Any type: the value carries its own.
impl AttributeType for Value {
    fn kind() -> AttributeKind {
        AttributeKind::Type(Type::Dynamic)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        Ok(value)
    }

    fn encode(self) -> Value {
        self
    }
}

/// The kind of a collection of `kind`: an object becomes nested attributes, everything else a type.
fn collection(kind: AttributeKind, nesting: Nesting) -> AttributeKind {
    match kind {
        AttributeKind::Nested { nesting: Nesting::Single, object } => {
            AttributeKind::Nested { nesting, object }
        }
        other => {
            let element = Box::new(other.ty());
            AttributeKind::Type(match nesting {
                Nesting::Single => *element,
                Nesting::List => Type::List(element),
                Nesting::Set => Type::Set(element),
                Nesting::Map => Type::Map(element),
            })
        }
    }
}

impl<T: AttributeType> AttributeType for Vec<T> {
    fn kind() -> AttributeKind {
        collection(T::kind(), Nesting::List)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::List(elements) => elements
                .into_iter()
                .enumerate()
                .map(|(index, element)| T::decode(element).map_err(|error| error.in_index(index)))
                .collect(),
            other => Err(DecodeError::mismatch("a list", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::List(self.into_iter().map(T::encode).collect())
    }
}

impl<T: AttributeType + Ord> AttributeType for BTreeSet<T> {
    fn kind() -> AttributeKind {
        collection(T::kind(), Nesting::Set)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        match value {
            // The protocol has no path into a set: an error is at the set.
            Value::Set(elements) => elements
                .into_iter()
                .map(|element| T::decode(element).map_err(|error| DecodeError::new(error.kind)))
                .collect(),
            other => Err(DecodeError::mismatch("a set", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::set(self.into_iter().map(T::encode))
    }
}

impl<T: AttributeType> AttributeType for BTreeMap<String, T> {
    fn kind() -> AttributeKind {
        collection(T::kind(), Nesting::Map)
    }

    fn decode(value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Map(entries) => entries
                .into_iter()
                .map(|(key, entry)| match T::decode(entry) {
                    Ok(entry) => Ok((key, entry)),
                    Err(error) => Err(error.in_key(&key)),
                })
                .collect(),
            other => Err(DecodeError::mismatch("a map", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Map(self.into_iter().map(|(key, entry)| (key, entry.encode())).collect())
    }
}

// === What derived code calls ===

/// The attributes of an object.
///
/// # Errors
/// When it is none.
#[doc(hidden)]
pub fn into_attributes(value: Value) -> Result<BTreeMap<String, Value>, DecodeError> {
    match value {
        Value::Object(attributes) => Ok(attributes),
        other => Err(DecodeError::mismatch("an object", &other)),
    }
}

/// Takes one attribute out of an object.
///
/// # Errors
/// When it does not fit, with the attribute in the path.
#[doc(hidden)]
pub fn decode_attribute<T: AttributeType>(
    attributes: &mut BTreeMap<String, Value>,
    name: &str,
) -> Result<T, DecodeError> {
    T::decode(attributes.remove(name).unwrap_or(Value::Null))
        .map_err(|error| error.in_attribute(name))
}
