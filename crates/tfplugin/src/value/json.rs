//! The JSON form of values: how the CLI keeps state.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Number, Type, Value};
use crate::unicode::compose;

/// Why JSON is not a value of the type.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON.
    #[error("not JSON")]
    Json(#[source] serde_json::Error),
    /// JSON of another type.
    #[error("expected {expected}, found a JSON {found}")]
    Mismatch {
        /// The type asked for.
        expected: String,
        /// The kind of JSON found.
        found: &'static str,
    },
    /// A number that cannot be.
    #[error("a number cannot be read")]
    Number(#[source] super::ParseNumberError),
    /// The type inside a dynamic value cannot be read.
    #[error("the type of a dynamic value cannot be read")]
    Type(#[source] super::ParseTypeError),
}

/// Why a value has no JSON form.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// JSON has no unknown.
    #[error("a value that is not known yet has no JSON form")]
    Unknown,
    /// The number is not one for JSON.
    #[error("a number cannot be written as JSON")]
    Number(#[source] serde_json::Error),
}

/// Reads a value of type `ty`. State outlives schemas: attributes the type does not have are passed
/// over, and those the JSON does not have are null.
///
/// # Errors
/// When it is not JSON, or a value in it is of another type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    from_json(serde_json::from_slice(bytes).map_err(DecodeError::Json)?, ty)
}

/// Takes a value of type `ty` from parsed JSON, with the same rules as [`decode`].
///
/// # Errors
/// When a value in it is of another type.
pub fn from_json(json: Json, ty: &Type) -> Result<Value, DecodeError> {
    let elements = |elements: Vec<Json>, ty: &Type| {
        elements.into_iter().map(|element| from_json(element, ty)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match (ty, json) {
        (_, Json::Null) => Value::Null,
        (Type::Bool, Json::Bool(flag)) => Value::Bool(flag),
        // The CLI converts between the primitive types, so state written under an older schema may
        // hold one as another.
        (Type::Bool, Json::String(text)) if text == "true" || text == "false" => {
            Value::Bool(text == "true")
        }
        (Type::String, Json::String(text)) => Value::String(compose(text)),
        (Type::String, Json::Bool(flag)) => Value::String(flag.to_string()),
        (Type::String, Json::Number(number)) => {
            Value::String(number_of(number.as_str())?.to_string())
        }
        (Type::Number, Json::Number(number)) => Value::Number(number_of(number.as_str())?),
        (Type::Number, Json::String(text)) => Value::Number(number_of(&text)?),
        (Type::Dynamic, Json::Object(mut parts)) => {
            let ty = parts.remove("type").unwrap_or(Json::Null);
            let ty = Type::from_json_value(&ty).map_err(DecodeError::Type)?;
            let value = from_json(parts.remove("value").unwrap_or(Json::Null), &ty)?;
            Value::Dynamic(Box::new((ty, value)))
        }
        (Type::List(ty), Json::Array(items)) => Value::List(elements(items, ty)?),
        (Type::Set(ty), Json::Array(items)) => Value::set(elements(items, ty)?),
        (Type::Tuple(types), Json::Array(items)) if types.len() == items.len() => {
            let pairs = types.iter().zip(items);
            Value::Tuple(pairs.map(|(ty, item)| from_json(item, ty)).collect::<Result<_, _>>()?)
        }
        (Type::Map(ty), Json::Object(entries)) => Value::Map(
            entries
                .into_iter()
                .map(|(key, entry)| Ok((compose(key), from_json(entry, ty)?)))
                .collect::<Result<_, _>>()?,
        ),
        (Type::Object(types), Json::Object(fields)) => {
            let mut fields: BTreeMap<String, Json> =
                fields.into_iter().map(|(name, field)| (compose(name), field)).collect();
            Value::Object(
                types
                    .iter()
                    .map(|(name, ty)| {
                        let field = fields.remove(name).unwrap_or(Json::Null);
                        Ok((name.clone(), from_json(field, ty)?))
                    })
                    .collect::<Result<_, _>>()?,
            )
        }
        (ty, json) => {
            return Err(DecodeError::Mismatch { expected: ty.to_string(), found: kind(&json) });
        }
    })
}

/// Writes a value as JSON text.
///
/// # Errors
/// When something in it is unknown.
pub fn encode(value: &Value) -> Result<Vec<u8>, EncodeError> {
    Ok(to_json(value)?.to_string().into_bytes())
}

/// The JSON form of a value.
///
/// # Errors
/// When something in it is unknown.
pub fn to_json(value: &Value) -> Result<Json, EncodeError> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Unknown(_) => return Err(EncodeError::Unknown),
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => {
            Json::Number(number.to_string().parse().map_err(EncodeError::Number)?)
        }
        Value::String(text) => Json::String(text.clone()),
        Value::List(elements) | Value::Set(elements) | Value::Tuple(elements) => {
            Json::Array(elements.iter().map(to_json).collect::<Result<_, _>>()?)
        }
        Value::Map(entries) | Value::Object(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, entry)| Ok((key.clone(), to_json(entry)?)))
                .collect::<Result<_, _>>()?,
        ),
        Value::Dynamic(inner) => {
            let mut parts = serde_json::Map::new();
            parts.insert("type".to_owned(), inner.0.to_json_value());
            parts.insert("value".to_owned(), to_json(&inner.1)?);
            Json::Object(parts)
        }
    })
}

fn number_of(text: &str) -> Result<Number, DecodeError> {
    text.parse().map_err(DecodeError::Number)
}

const fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}
