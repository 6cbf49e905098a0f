//! What a file says beside its document: the program that wrote it, and fields of a later version, which go back into the file as they
//! were when it is written again.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use fleet_artifacts::yaml;

/// This program, as it signs what it writes.
pub const WRITER: &str = concat!("terraform-provider-fleet ", env!("CARGO_PKG_VERSION"));

/// What a file says beside its document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beside {
    /// The program that wrote it, with its version; nothing in files from before that was written down.
    pub written_by: Option<String>,
    /// The fields that this version does not know.
    pub(super) unknown: Vec<Unknown>,
    /// Whether its lines end as those that we write.
    pub(crate) ends_as_written: bool,
}

/// A field that this version does not know.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unknown {
    /// The names that lead to it.
    way: Vec<String>,
    value: Node,
}

/// Any YAML without anchors, in the order of its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Beside {
    /// The same, as this program signs it.
    #[must_use]
    pub fn signed(&self) -> Self {
        Self { written_by: Some(WRITER.to_owned()), ..self.clone() }
    }

    /// The same without the fields that this version does not know.
    #[must_use]
    pub fn without_unknown(&self) -> Self {
        Self { unknown: Vec::new(), ..self.clone() }
    }

    /// The names of the fields that this version does not know, as `cluster.tier`.
    pub fn unknown(&self) -> impl Iterator<Item = String> + '_ {
        self.unknown.iter().map(|field| field.way.join("."))
    }
}

/// The fields of a text that these ways lead to.
pub(super) fn fields(text: &str, ways: Vec<Vec<String>>) -> Result<Vec<Unknown>, yaml::Error> {
    if ways.is_empty() {
        return Ok(Vec::new());
    }
    let whole: Node = yaml::from_plain_str(text)?;
    let found = |way: Vec<String>| {
        let value = way.iter().try_fold(&whole, |node, name| node.get(name))?.clone();
        Some(Unknown { way, value })
    };
    Ok(ways.into_iter().filter_map(found).collect())
}

/// A text with these fields in it. `is_same` says whether a text still says what it said without them: where the object around a
/// field is gone, the field goes with it, unless the object means nothing without the field.
pub(super) fn with_fields(
    text: String,
    unknown: &[Unknown],
    is_same: impl Fn(&str) -> bool,
) -> Result<String, yaml::Error> {
    if unknown.is_empty() {
        return Ok(text);
    }
    let mut whole: Node = yaml::from_plain_str(&text)?;
    let mut kept = text;
    for Unknown { way, value } in unknown {
        let mut with = whole.clone();
        with.put(way, value.clone());
        let text = yaml::to_string(&with)?;
        if is_same(&text) {
            (whole, kept) = (with, text);
        }
    }
    Ok(kept)
}

impl Node {
    fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(fields) = self else { return None };
        fields.iter().find(|(of, _)| of == name).map(|(_, value)| value)
    }

    /// Puts a value where a way leads to, at the end of the objects on it that do not have the next name yet.
    fn put(&mut self, way: &[String], value: Self) {
        let (Self::Map(fields), [name, rest @ ..]) = (self, way) else { return };
        let at = fields.iter().position(|(of, _)| of == name).unwrap_or_else(|| {
            fields.push((name.clone(), Self::Map(Vec::new())));
            fields.len() - 1
        });
        match fields.get_mut(at) {
            Some((_, there)) if rest.is_empty() => *there = value,
            Some((_, there)) => there.put(rest, value),
            None => {}
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Signed(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
                Node::deserialize(deserializer)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Bool(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Unsigned(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Signed(value))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Float(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
                let mut fields: Vec<(String, Node)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Node>()? {
                    if fields.iter().any(|(of, _)| *of == name) {
                        return Err(A::Error::custom(format!("`{name}` stands twice")));
                    }
                    fields.push((name, value));
                }
                Ok(Node::Map(fields))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
