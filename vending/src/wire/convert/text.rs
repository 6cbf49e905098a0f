//! Texts, ids, names and times that others wrote.

use std::collections::BTreeMap;

use fleet_vending_proto::limits;
use jiff::Timestamp;

/// What a vendor said that cannot be: one sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(in crate::wire) struct Nonsense(pub(in crate::wire) String);

/// As it may be printed and kept: one line of at most 4 KiB, what a terminal obeys escaped.
pub(in crate::wire) fn shown(text: &str) -> String {
    bounded(text, false)
}

/// The same for evidence and for what to do: line breaks are kept.
pub(in crate::wire) fn paragraphs(text: &str) -> String {
    bounded(text, true)
}

fn bounded(text: &str, lines: bool) -> String {
    let turns = |of: char| matches!(of, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len().min(limits::TEXT));
    for of in text.chars() {
        if shown.len() >= limits::TEXT - "…".len() {
            shown.push('…');
            break;
        }
        if (of.is_control() || turns(of)) && !(lines && of == '\n') {
            shown.extend(of.escape_default());
        } else {
            shown.push(of);
        }
    }
    shown
}

/// The same; `None` where nothing is said.
pub(in crate::wire) fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| shown(text))
}

/// An id of a cloud; empty where it is not said.
pub(in crate::wire) fn id(what: &str, text: &str) -> Result<String, Nonsense> {
    if text.len() <= limits::ID && text.bytes().all(|of| of.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err(Nonsense(format!(
        "{what} is {:?}, and an id has at most {} printable ASCII characters",
        shown(text),
        limits::ID
    )))
}

/// A name of a check.
pub(in crate::wire) fn name(what: &str, text: &str) -> Result<String, Nonsense> {
    let is_one = |of: u8| of.is_ascii_lowercase() || of.is_ascii_digit() || of == b'-';
    if (1..=63).contains(&text.len()) && text.bytes().all(is_one) {
        return Ok(text.to_owned());
    }
    Err(Nonsense(format!(
        "{what} is {:?}, and a name has 1 to 63 lower-case letters, digits and hyphens",
        shown(text)
    )))
}

/// A time; `None` where nothing is said.
pub(in crate::wire) fn time(what: &str, text: &str) -> Result<Option<Timestamp>, Nonsense> {
    if text.is_empty() {
        return Ok(None);
    }
    let time = text.parse().map_err(|_| Nonsense(format!("{what} is {:?}, no time", shown(text))));
    time.map(Some)
}

/// How many there are of something.
pub(in crate::wire) fn few<T: Len>(what: &str, of: T) -> Result<T, Nonsense> {
    let (len, most) = (of.len(), limits::ENTRIES);
    if len <= most {
        Ok(of)
    } else {
        Err(Nonsense(format!("{len} {what}, and {most} are the most")))
    }
}

/// A collection.
pub(in crate::wire) trait Len {
    /// How many it has.
    fn len(&self) -> usize;
}

impl<T> Len for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }
}

impl<K, V> Len for BTreeMap<K, V> {
    fn len(&self) -> usize {
        self.len()
    }
}

/// Texts by name, both shown.
pub(in crate::wire) fn map(
    what: &str,
    of: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Nonsense> {
    let shown_pairs = few(what, of)?.into_iter().map(|(key, value)| (shown(&key), shown(&value)));
    Ok(shown_pairs.collect())
}

/// Lines, shown.
pub(in crate::wire) fn lines(what: &str, of: Vec<String>) -> Result<Vec<String>, Nonsense> {
    Ok(few(what, of)?.iter().map(|line| shown(line)).collect())
}
