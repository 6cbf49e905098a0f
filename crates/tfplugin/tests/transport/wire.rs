//! Values on the wire, by hand: no mistake of the crate's own codec can hide.

use crate::generated::tfplugin6::DynamicValue;

/// An attribute in a message, written without the crate's own codec.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Null,
    Unknown,
    Text(String),
    Integer(i64),
    Object(Vec<(&'static str, Field)>),
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// An object as cty msgpack.
pub(crate) fn object(fields: &[(&str, Field)]) -> DynamicValue {
    let mut bytes = Vec::new();
    write(&mut bytes, fields);
    DynamicValue { msgpack: bytes, json: Vec::new() }
}

fn write(bytes: &mut Vec<u8>, fields: &[(&str, Field)]) {
    rmp::encode::write_map_len(bytes, u32::try_from(fields.len()).unwrap()).unwrap();
    for (name, field) in fields {
        rmp::encode::write_str(bytes, name).unwrap();
        match field {
            Field::Null => rmp::encode::write_nil(bytes).unwrap(),
            // fixext 1, type 0, one byte: what core sends for unknown.
            Field::Unknown => bytes.extend([0xd4, 0, 0]),
            Field::Text(text) => rmp::encode::write_str(bytes, text).unwrap(),
            Field::Integer(number) => {
                rmp::encode::write_sint(bytes, *number).unwrap();
            }
            Field::Object(fields) => write(bytes, fields),
        }
    }
}

/// No object.
pub(crate) fn null() -> DynamicValue {
    DynamicValue { msgpack: vec![0xc0], json: Vec::new() }
}

/// The attributes of an object in cty msgpack; None when it is null.
pub(crate) fn fields(value: Option<&DynamicValue>) -> Option<Vec<(String, Field)>> {
    let mut bytes = value.unwrap().msgpack.as_slice();
    if bytes == [0xc0] {
        return None;
    }
    let count = rmp::decode::read_map_len(&mut bytes).unwrap();
    let mut found = Vec::new();
    for _ in 0..count {
        let name = text(&mut bytes);
        let field = match bytes[0] {
            0xc0 => {
                bytes = &bytes[1..];
                Field::Null
            }
            0xd4 => {
                bytes = &bytes[3..];
                Field::Unknown
            }
            0x00..=0x7f | 0xcc..=0xd3 | 0xe0..=0xff => {
                Field::Integer(rmp::decode::read_int(&mut bytes).unwrap())
            }
            _ => Field::Text(text(&mut bytes)),
        };
        found.push((name, field));
    }
    assert!(bytes.is_empty(), "bytes after the object");
    Some(found)
}

/// Reads a string off the front.
fn text(bytes: &mut &[u8]) -> String {
    let length = rmp::decode::read_str_len(bytes).unwrap() as usize;
    let (text, rest) = bytes.split_at(length);
    *bytes = rest;
    String::from_utf8(text.to_vec()).unwrap()
}
