//! The wire form of values: MessagePack, as the plugin protocol lays it down.

mod unknown;

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode;
use rmp::decode::bytes::Bytes;
use rmp::encode;

use super::{Number, Type, Value};
use crate::unicode::composed;

/// Why bytes are not a value of the type.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("the message ends inside a value")]
    Truncated,
    /// There are bytes after the value.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// Another kind of value than the type asks for.
    #[error("expected {expected}, found MessagePack {found}")]
    Mismatch {
        /// The type asked for.
        expected: String,
        /// The marker found.
        found: String,
    },
    /// A string that is not UTF-8.
    #[error("a string is not UTF-8")]
    Utf8(#[source] std::str::Utf8Error),
    /// A number that cannot be.
    #[error("a number cannot be read")]
    Number(#[source] super::ParseNumberError),
    /// The type inside a dynamic value cannot be read.
    #[error("the type of a dynamic value cannot be read")]
    Type(#[source] super::ParseTypeError),
    /// An object with other attributes than its type.
    #[error("an object has no attribute `{0}`, or has it twice")]
    Attribute(String),
    /// An object or tuple of another size than its type.
    #[error("expected {expected} elements, found {found}")]
    Size {
        /// As the type says.
        expected: usize,
        /// As the message says.
        found: usize,
    },
}

/// Why a value cannot be written as the type.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The value is of another type.
    #[error("expected {expected}, found {found}")]
    Mismatch {
        /// The type asked for.
        expected: String,
        /// What the value is.
        found: &'static str,
    },
    /// An object lacks an attribute of its type, or has one too many.
    #[error("an object does not have the attributes of its type (`{0}`)")]
    Attribute(String),
    /// More elements than MessagePack can count.
    #[error("a value has more than 2^32 elements or bytes")]
    TooLong,
}

/// Reads one value of type `ty`, which is all of `bytes`. An empty message is null: that is how the
/// protocol leaves a value out.
///
/// # Errors
/// When the bytes are not MessagePack or not of the type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, DecodeError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let mut reader = Bytes::new(bytes);
    let value = read(&mut reader, ty)?;
    match reader.remaining_slice().len() {
        0 => Ok(value),
        rest => Err(DecodeError::Trailing(rest)),
    }
}

/// Writes `value` as type `ty`.
///
/// # Errors
/// When the value is not of the type.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, value, ty)?;
    Ok(out)
}

// === Reading ===

fn read(reader: &mut Bytes<'_>, ty: &Type) -> Result<Value, DecodeError> {
    let before = reader.remaining_slice();
    let marker = decode::read_marker(reader).map_err(|_| DecodeError::Truncated)?;
    match marker {
        Marker::Null => return Ok(Value::Null),
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => {
            *reader = Bytes::new(before);
            return unknown::read(reader, ty);
        }
        _ => *reader = Bytes::new(before),
    }
    let mismatch =
        || DecodeError::Mismatch { expected: ty.to_string(), found: format!("{marker:?}") };
    match ty {
        Type::Bool => match marker {
            Marker::True | Marker::False => {
                decode::read_bool(reader).map(Value::Bool).map_err(|_| DecodeError::Truncated)
            }
            _ => Err(mismatch()),
        },
        Type::String => read_str(reader, mismatch).map(|text| composed(text).into_owned().into()),
        Type::Number => read_number(reader, marker, mismatch).map(Value::Number),
        Type::Dynamic => read_dynamic(reader, mismatch),
        Type::List(element) => {
            let size = array_len(reader, mismatch)?;
            read_elements(reader, size, element).map(Value::List)
        }
        Type::Set(element) => {
            let size = array_len(reader, mismatch)?;
            read_elements(reader, size, element).map(Value::set)
        }
        Type::Tuple(types) => {
            let size = array_len(reader, mismatch)?;
            if size != types.len() {
                return Err(DecodeError::Size { expected: types.len(), found: size });
            }
            types.iter().map(|ty| read(reader, ty)).collect::<Result<_, _>>().map(Value::Tuple)
        }
        Type::Map(element) => {
            let size = map_len(reader, mismatch)?;
            let mut entries = BTreeMap::new();
            for _ in 0..size {
                let key = composed(read_str(reader, mismatch)?).into_owned();
                entries.insert(key, read(reader, element)?);
            }
            Ok(Value::Map(entries))
        }
        Type::Object(types) => {
            let size = map_len(reader, mismatch)?;
            if size != types.len() {
                return Err(DecodeError::Size { expected: types.len(), found: size });
            }
            let mut attributes = BTreeMap::new();
            for _ in 0..size {
                let name = &*composed(read_str(reader, mismatch)?);
                let ty = types.get(name).ok_or_else(|| DecodeError::Attribute(name.to_owned()))?;
                if attributes.insert(name.to_owned(), read(reader, ty)?).is_some() {
                    return Err(DecodeError::Attribute(name.to_owned()));
                }
            }
            Ok(Value::Object(attributes))
        }
    }
}

fn read_elements(
    reader: &mut Bytes<'_>,
    size: usize,
    element: &Type,
) -> Result<Vec<Value>, DecodeError> {
    // Never more room than the message can fill: its length field may lie.
    let mut elements = Vec::with_capacity(size.min(reader.remaining_slice().len()));
    for _ in 0..size {
        elements.push(read(reader, element)?);
    }
    Ok(elements)
}

fn read_dynamic(
    reader: &mut Bytes<'_>,
    mismatch: impl Fn() -> DecodeError,
) -> Result<Value, DecodeError> {
    let size = array_len(reader, &mismatch)?;
    if size != 2 {
        return Err(DecodeError::Size { expected: 2, found: size });
    }
    let length = decode::read_bin_len(reader).map_err(|_| mismatch())?;
    let ty = Type::from_json(take(reader, length)?).map_err(DecodeError::Type)?;
    let value = read(reader, &ty)?;
    // A value of unknown type is unknown, whatever it is wrapped in.
    if ty == Type::Dynamic { Ok(value) } else { Ok(Value::Dynamic(Box::new((ty, value)))) }
}

fn read_number(
    reader: &mut Bytes<'_>,
    marker: Marker,
    mismatch: impl Fn() -> DecodeError,
) -> Result<Number, DecodeError> {
    match marker {
        Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
            decode::read_int::<u64, _>(reader).map(Number::from).map_err(|_| DecodeError::Truncated)
        }
        Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
            decode::read_int::<i64, _>(reader).map(Number::from).map_err(|_| DecodeError::Truncated)
        }
        Marker::F32 => {
            let float = decode::read_f32(reader).map_err(|_| DecodeError::Truncated)?;
            Number::try_from(f64::from(float)).map_err(DecodeError::Number)
        }
        Marker::F64 => {
            let float = decode::read_f64(reader).map_err(|_| DecodeError::Truncated)?;
            Number::try_from(float).map_err(DecodeError::Number)
        }
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            read_str(reader, mismatch)?.parse().map_err(DecodeError::Number)
        }
        _ => Err(mismatch()),
    }
}

fn read_str<'r>(
    reader: &mut Bytes<'r>,
    mismatch: impl Fn() -> DecodeError,
) -> Result<&'r str, DecodeError> {
    let length = decode::read_str_len(reader).map_err(|_| mismatch())?;
    std::str::from_utf8(take(reader, length)?).map_err(DecodeError::Utf8)
}

fn take<'r>(reader: &mut Bytes<'r>, length: u32) -> Result<&'r [u8], DecodeError> {
    let rest = reader.remaining_slice();
    let length = usize::try_from(length).map_err(|_| DecodeError::Truncated)?;
    let (taken, left) = rest.split_at_checked(length).ok_or(DecodeError::Truncated)?;
    *reader = Bytes::new(left);
    Ok(taken)
}

fn array_len(
    reader: &mut Bytes<'_>,
    mismatch: impl Fn() -> DecodeError,
) -> Result<usize, DecodeError> {
    let size = decode::read_array_len(reader).map_err(|_| mismatch())?;
    usize::try_from(size).map_err(|_| DecodeError::Truncated)
}

fn map_len(
    reader: &mut Bytes<'_>,
    mismatch: impl Fn() -> DecodeError,
) -> Result<usize, DecodeError> {
    let size = decode::read_map_len(reader).map_err(|_| mismatch())?;
    usize::try_from(size).map_err(|_| DecodeError::Truncated)
}

// === Writing ===

fn write(out: &mut Vec<u8>, value: &Value, ty: &Type) -> Result<(), EncodeError> {
    match (ty, value) {
        (_, Value::Null) => out.push(Marker::Null.to_u8()),
        (ty, Value::Unknown(unknown)) => unknown::write(out, unknown.refinement(), ty)?,
        (Type::Bool, Value::Bool(flag)) => {
            out.push(if *flag { Marker::True.to_u8() } else { Marker::False.to_u8() });
        }
        (Type::String, Value::String(text)) => write_str(out, text)?,
        (Type::Number, Value::Number(number)) => write_number(out, number)?,
        (Type::Dynamic, Value::Dynamic(inner)) => {
            let (ty, value) = inner.as_ref();
            write_array_len(out, 2)?;
            encode::write_bin(out, &ty.to_json()).map_err(|_| EncodeError::TooLong)?;
            write(out, value, ty)?;
        }
        (Type::List(element), Value::List(elements))
        | (Type::Set(element), Value::Set(elements)) => {
            write_array_len(out, elements.len())?;
            for value in elements {
                write(out, value, element)?;
            }
        }
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() == elements.len() => {
            write_array_len(out, elements.len())?;
            for (ty, value) in types.iter().zip(elements) {
                write(out, value, ty)?;
            }
        }
        (Type::Map(element), Value::Map(entries)) => {
            write_map_len(out, entries.len())?;
            for (key, value) in entries {
                write_str(out, key)?;
                write(out, value, element)?;
            }
        }
        (Type::Object(types), Value::Object(attributes)) => {
            if let Some(extra) = attributes.keys().find(|name| !types.contains_key(*name)) {
                return Err(EncodeError::Attribute(extra.clone()));
            }
            write_map_len(out, types.len())?;
            for (name, ty) in types {
                let value =
                    attributes.get(name).ok_or_else(|| EncodeError::Attribute(name.clone()))?;
                write_str(out, name)?;
                write(out, value, ty)?;
            }
        }
        (ty, value) => {
            return Err(EncodeError::Mismatch { expected: ty.to_string(), found: value.kind() });
        }
    }
    Ok(())
}

/// A float is written only where the few digits that a reader shows of it are all of the number's: the CLI keeps a float
/// with the precision of one, and its state would say 18446744073709552000 of 2^64 and 0.1 of the float next to one tenth.
/// Text is read with ten times that precision. So larger whole numbers go as text, as the CLI writes them itself.
fn write_number(out: &mut Vec<u8>, number: &Number) -> Result<(), EncodeError> {
    let written = if let Some(integer) = number.as_i64() {
        encode::write_sint(out, integer).map(drop)
    } else if let Some(integer) = number.as_u64() {
        encode::write_uint(out, integer).map(drop)
    } else if let Some(float) = number.as_short_f64() {
        encode::write_f64(out, float)
    } else {
        return write_str(out, &number.to_string());
    };
    written.map_err(|_| EncodeError::TooLong)
}

fn write_str(out: &mut Vec<u8>, text: &str) -> Result<(), EncodeError> {
    u32::try_from(text.len()).map_err(|_| EncodeError::TooLong)?;
    encode::write_str(out, text).map_err(|_| EncodeError::TooLong)
}

fn write_array_len(out: &mut Vec<u8>, length: usize) -> Result<(), EncodeError> {
    let length = u32::try_from(length).map_err(|_| EncodeError::TooLong)?;
    encode::write_array_len(out, length).map(drop).map_err(|_| EncodeError::TooLong)
}

fn write_map_len(out: &mut Vec<u8>, length: usize) -> Result<(), EncodeError> {
    let length = u32::try_from(length).map_err(|_| EncodeError::TooLong)?;
    encode::write_map_len(out, length).map(drop).map_err(|_| EncodeError::TooLong)
}
