//! The types of values, and their JSON form (`"string"`, `["list","string"]`).

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

use super::Value;
use crate::unicode::compose;
use crate::unicode::composed;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// A boolean.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// Any type: the value carries its own.
    Dynamic,
    /// Elements of one type, in order.
    List(Box<Type>),
    /// Elements of one type, each once, without order.
    Set(Box<Type>),
    /// Values of one type under free keys.
    Map(Box<Type>),
    /// Values under these names.
    Object(BTreeMap<String, Type>),
    /// One value of each type, in order.
    Tuple(Vec<Type>),
}

/// Why a text is not the JSON form of a type.
#[derive(Debug, thiserror::Error)]
pub enum ParseTypeError {
    /// Not JSON.
    #[error("not JSON")]
    Json(#[source] serde_json::Error),
    /// JSON, but not of a type.
    #[error("`{0}` is not a type")]
    Shape(String),
}

impl Type {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map to `element`.
    #[must_use]
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object with these attributes.
    #[must_use]
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect())
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// When it is not JSON, or not of a type.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ParseTypeError> {
        Self::from_json_value(&serde_json::from_slice(bytes).map_err(ParseTypeError::Json)?)
    }

    pub(crate) fn from_json_value(json: &Json) -> Result<Self, ParseTypeError> {
        let shape = || ParseTypeError::Shape(json.to_string());
        if let Some(name) = json.as_str() {
            return match name {
                "bool" => Ok(Self::Bool),
                "number" => Ok(Self::Number),
                "string" => Ok(Self::String),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(shape()),
            };
        }
        let parts = json.as_array().ok_or_else(shape)?;
        let kind = parts.first().and_then(Json::as_str).ok_or_else(shape)?;
        let inner = parts.get(1).ok_or_else(shape)?;
        match (kind, parts.len()) {
            ("list", 2) => Ok(Self::list(Self::from_json_value(inner)?)),
            ("set", 2) => Ok(Self::set(Self::from_json_value(inner)?)),
            ("map", 2) => Ok(Self::map(Self::from_json_value(inner)?)),
            // A third part names optional attributes: a matter of type constraints, not of values.
            ("object", 2 | 3) => {
                let mut attributes = BTreeMap::new();
                for (name, ty) in inner.as_object().ok_or_else(shape)? {
                    attributes.insert(composed(name).into_owned(), Self::from_json_value(ty)?);
                }
                Ok(Self::Object(attributes))
            }
            ("tuple", 2) => {
                let elements = inner.as_array().ok_or_else(shape)?;
                elements
                    .iter()
                    .map(Self::from_json_value)
                    .collect::<Result<_, _>>()
                    .map(Self::Tuple)
            }
            _ => Err(shape()),
        }
    }

    /// The JSON form, as the wire has it.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        self.to_json_value().to_string().into_bytes()
    }

    /// The JSON form as a JSON value.
    #[must_use]
    pub fn to_json_value(&self) -> Json {
        let pair = |kind: &str, inner: Json| Json::Array(vec![Json::from(kind), inner]);
        match self {
            Self::Bool => Json::from("bool"),
            Self::Number => Json::from("number"),
            Self::String => Json::from("string"),
            Self::Dynamic => Json::from("dynamic"),
            Self::List(element) => pair("list", element.to_json_value()),
            Self::Set(element) => pair("set", element.to_json_value()),
            Self::Map(element) => pair("map", element.to_json_value()),
            Self::Object(attributes) => pair(
                "object",
                Json::Object(
                    attributes
                        .iter()
                        .map(|(name, ty)| (name.clone(), ty.to_json_value()))
                        .collect(),
                ),
            ),
            Self::Tuple(elements) => {
                pair("tuple", Json::Array(elements.iter().map(Self::to_json_value).collect()))
            }
        }
    }

    /// Is there a part of it that can have any type?
    pub(crate) fn holds_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Object(types) => types.values().any(Self::holds_dynamic),
            Self::Tuple(types) => types.iter().any(Self::holds_dynamic),
            Self::List(element) | Self::Set(element) | Self::Map(element) => {
                element.holds_dynamic()
            }
            Self::Bool | Self::Number | Self::String => false,
        }
    }

    /// Does `value` have this type? Null and unknown have every type.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null | Value::Unknown(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Number, Value::Number(_))
            | (Self::String, Value::String(_)) => true,
            (Self::Dynamic, Value::Dynamic(inner)) => inner.0.admits(&inner.1),
            (Self::List(ty), Value::List(elements)) | (Self::Set(ty), Value::Set(elements)) => {
                elements.iter().all(|element| ty.admits(element))
            }
            (Self::Map(ty), Value::Map(entries)) => entries.values().all(|entry| ty.admits(entry)),
            (Self::Object(types), Value::Object(values)) => {
                types.len() == values.len()
                    && types
                        .iter()
                        .all(|(name, ty)| values.get(name).is_some_and(|value| ty.admits(value)))
            }
            (Self::Tuple(types), Value::Tuple(values)) => {
                types.len() == values.len()
                    && types.iter().zip(values).all(|(ty, value)| ty.admits(value))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Type {
    /// As a person says it: `list of string`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Dynamic => f.write_str("any type"),
            Self::List(element) => write!(f, "list of {element}"),
            Self::Set(element) => write!(f, "set of {element}"),
            Self::Map(element) => write!(f, "map of {element}"),
            Self::Object(_) => f.write_str("object"),
            Self::Tuple(_) => f.write_str("tuple"),
        }
    }
}

impl Type {
    /// The type with the name of every attribute composed.
    #[must_use]
    pub(super) fn composed(self) -> Self {
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

    #[test]
    fn json_forms() {
        for text in [
            r#""bool""#,
            r#""dynamic""#,
            r#"["list","string"]"#,
            r#"["set",["map","number"]]"#,
            r#"["object",{"a":"string","b":["tuple",["bool","number"]]}]"#,
        ] {
            let ty = Type::from_json(text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(ty.to_json()).unwrap(), text);
        }
        let optional = Type::from_json(br#"["object",{"a":"string"},["a"]]"#).unwrap();
        assert_eq!(optional, Type::object([("a", Type::String)]));
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in
            ["", "1", r#""text""#, r#"["list"]"#, r#"["list","string","x"]"#, r#"["object",[]]"#]
        {
            assert!(Type::from_json(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_object_has_exactly_its_attributes() {
        let ty = Type::object([("a", Type::list(Type::String))]);
        let object = |value| Value::object([("a", value)]);
        assert!(ty.admits(&object(Value::List(vec!["x".into(), Value::UNKNOWN]))));
        assert!(!ty.admits(&object(Value::List(vec![Value::Bool(true)]))));
        assert!(!ty.admits(&Value::object([("b", Value::Null)])));
        assert!(!ty.admits(&Value::object([("a", Value::Null), ("b", Value::Null)])));
    }
}
