//! Unknown values: MessagePack extensions. 0 is plain; the content of 12 is a map of what is known of the
//! value all the same. Others of this family can only be kinds of unknown too, and so can a content that
//! makes no sense: no request fails over it.

use std::ops::Bound;

use rmp::Marker;
use rmp::decode::{self, bytes::Bytes};
use rmp::encode;

use super::{DecodeError, EncodeError};
use super::{array_len, read_number, read_str, take, write_number, write_str};
use crate::value::{Number, Refinement, Type, Value};

/// The one spelling of "unknown" we write: extension 0 with one byte of nothing.
const PLAIN: [u8; 3] = [0xd4, 0x00, 0x00];

const REFINED: i8 = 12;

/// The CLI refuses a longer content.
const MAX_SIZE: usize = 1024;

// The keys of the map. Lengths are those of collections.
const IS_NULL: i64 = 1;
const PREFIX: i64 = 2;
const MIN: i64 = 3;
const MAX: i64 = 4;
const MIN_LENGTH: i64 = 5;
const MAX_LENGTH: i64 = 6;

/// Reads an extension.
pub(super) fn read(reader: &mut Bytes<'_>, ty: &Type) -> Result<Value, DecodeError> {
    let meta = decode::read_ext_meta(reader).map_err(|_| DecodeError::Truncated)?;
    let content = take(reader, meta.size)?;
    let refined = meta.typeid == REFINED && content.len() > 1 && content.len() <= MAX_SIZE;
    let refinement = refined.then(|| read_refinement(content)).and_then(Result::ok);
    Ok(refinement.map_or(Value::UNKNOWN, |found| Value::unknown(found.of_type(ty))))
}

/// Writes an unknown value of which `refinement` is known.
pub(super) fn write(
    out: &mut Vec<u8>,
    refinement: Option<&Refinement>,
    ty: &Type,
) -> Result<(), EncodeError> {
    let content = match refinement {
        Some(refinement) => refinement_bytes(&refinement.of_type(ty))?,
        None => Vec::new(),
    };
    match u32::try_from(content.len()) {
        Ok(size @ 1..) if content.len() <= MAX_SIZE => {
            encode::write_ext_meta(out, size, REFINED).map_err(|_| EncodeError::TooLong)?;
            out.extend_from_slice(&content);
        }
        _ => out.extend_from_slice(&PLAIN),
    }
    Ok(())
}

fn read_refinement(content: &[u8]) -> Result<Refinement, DecodeError> {
    let mut reader = Bytes::new(content);
    let reader = &mut reader;
    let entries = decode::read_map_len(reader).map_err(|_| DecodeError::Truncated)?;
    let mut found = Refinement::new();
    let (mut min, mut max) = (Bound::Unbounded, Bound::Unbounded);
    let (mut least, mut most) = (0, usize::MAX);
    for _ in 0..entries {
        let key: i64 = decode::read_int(reader).map_err(|_| DecodeError::Truncated)?;
        match key {
            IS_NULL => {
                if !decode::read_bool(reader).map_err(|_| DecodeError::Truncated)? {
                    found = found.not_null();
                }
            }
            PREFIX => found = found.prefix(read_str(reader, || DecodeError::Truncated)?),
            MIN => min = read_bound(reader)?,
            MAX => max = read_bound(reader)?,
            MIN_LENGTH => least = read_length(reader)?,
            MAX_LENGTH => most = read_length(reader)?,
            _ => skip(reader)?,
        }
    }
    Ok(found.numbers(min, max).length(least..=most))
}

/// `[number, is the bound itself in the range]`
fn read_bound(reader: &mut Bytes<'_>) -> Result<Bound<Number>, DecodeError> {
    let odd = || DecodeError::Truncated;
    if array_len(reader, odd)? != 2 {
        return Err(odd());
    }
    let before = reader.remaining_slice();
    let marker = decode::read_marker(reader).map_err(|_| odd())?;
    *reader = Bytes::new(before);
    let number = read_number(reader, marker, odd)?;
    let inclusive = decode::read_bool(reader).map_err(|_| odd())?;
    Ok(if inclusive { Bound::Included(number) } else { Bound::Excluded(number) })
}

fn read_length(reader: &mut Bytes<'_>) -> Result<usize, DecodeError> {
    let length: i64 = decode::read_int(reader).map_err(|_| DecodeError::Truncated)?;
    usize::try_from(length).map_err(|_| DecodeError::Truncated)
}

/// Passes over one value, whatever it is.
fn skip(reader: &mut Bytes<'_>) -> Result<(), DecodeError> {
    let mut left: u64 = 1;
    while left > 0 {
        left -= 1;
        let before = reader.remaining_slice();
        let marker = decode::read_marker(reader).map_err(|_| DecodeError::Truncated)?;
        let after = Bytes::new(reader.remaining_slice());
        *reader = Bytes::new(before);
        let odd = |_| DecodeError::Truncated;
        let bytes = match marker {
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                decode::read_str_len(reader).map_err(|_| DecodeError::Truncated)?
            }
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                decode::read_bin_len(reader).map_err(odd)?
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                left += u64::from(decode::read_array_len(reader).map_err(odd)?);
                0
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                left += 2 * u64::from(decode::read_map_len(reader).map_err(odd)?);
                0
            }
            Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32 => decode::read_ext_meta(reader).map_err(odd)?.size,
            other => {
                *reader = after;
                match other {
                    Marker::U8 | Marker::I8 => 1,
                    Marker::U16 | Marker::I16 => 2,
                    Marker::U32 | Marker::I32 | Marker::F32 => 4,
                    Marker::U64 | Marker::I64 | Marker::F64 => 8,
                    _ => 0,
                }
            }
        };
        take(reader, bytes)?;
    }
    Ok(())
}

fn refinement_bytes(refinement: &Refinement) -> Result<Vec<u8>, EncodeError> {
    let mut entries = Vec::new();
    let mut count = 0_u32;
    let mut key = |entries: &mut Vec<u8>, key: i64| {
        count += 1;
        encode::write_sint(entries, key).map(drop).map_err(|_| EncodeError::TooLong)
    };
    if refinement.is_not_null() {
        key(&mut entries, IS_NULL)?;
        entries.push(Marker::False.to_u8());
    }
    if !refinement.known_prefix().is_empty() {
        key(&mut entries, PREFIX)?;
        write_str(&mut entries, refinement.known_prefix())?;
    }
    let (min, max) = refinement.known_range();
    for (name, bound) in [(MIN, min), (MAX, max)] {
        let (number, inclusive) = match bound {
            Bound::Included(number) => (number, Marker::True),
            Bound::Excluded(number) => (number, Marker::False),
            Bound::Unbounded => continue,
        };
        key(&mut entries, name)?;
        entries.push(Marker::FixArray(2).to_u8());
        write_number(&mut entries, number)?;
        entries.push(inclusive.to_u8());
    }
    let (least, most) = refinement.known_length();
    for (name, length, says) in
        [(MIN_LENGTH, least, least != 0), (MAX_LENGTH, most, most != usize::MAX)]
    {
        if says {
            key(&mut entries, name)?;
            let length = i64::try_from(length).map_err(|_| EncodeError::TooLong)?;
            encode::write_sint(&mut entries, length).map_err(|_| EncodeError::TooLong)?;
        }
    }
    if count == 0 {
        return Ok(entries);
    }
    let mut out = Vec::with_capacity(entries.len() + 1);
    encode::write_map_len(&mut out, count).map_err(|_| EncodeError::TooLong)?;
    out.extend(entries);
    Ok(out)
}
