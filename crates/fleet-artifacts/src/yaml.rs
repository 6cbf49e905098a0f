//! YAML, one spelling of it: block style, two spaces, every text that some reader of YAML 1.1 or
//! 1.2 could take for something else in quotes. The only place that names the YAML library.

use serde::Serialize;
use serde::de::DeserializeOwned;

mod unreadable;

pub use unreadable::{Fault, Unreadable};

/// Why something cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The value has no form in YAML.
    #[error("it cannot be written as YAML")]
    Write(#[source] serde_saphyr::SerializeError),
    /// The text is not YAML, or not of the expected shape; the message says where.
    #[error(transparent)]
    Read(Box<Unreadable>),
}

/// Writes one document, ending in a newline.
///
/// # Errors
/// [`Error::Write`].
pub fn to_string<T: Serialize>(value: &T) -> Result<String, Error> {
    let options = serde_saphyr::ser_options! {
        // A folded or literal block changes a text's look when it grows past some width, and its
        // rules about trailing space and newlines differ between readers.
        prefer_block_scalars: false,
    };
    let mut text = serde_saphyr::to_string_with_options(value, options).map_err(Error::Write)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// Reads one document. A key that stands twice is an error; `yes` and `on` are texts.
///
/// # Errors
/// [`Error::Read`], with line and column, and nothing of the file's content around it.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let read = serde_saphyr::from_str_with_options(text, options());
    read.map_err(|error| Error::Read(Box::new(Unreadable::new(text, &error))))
}

/// As [`from_str`], and calls `ignored` with the way to each field that `T` does not know. Fields within a list have no way: they
/// are called with `None`.
///
/// # Errors
/// As [`from_str`].
pub fn from_str_with_unknown<T: DeserializeOwned>(
    text: &str,
    mut ignored: impl FnMut(Option<Vec<String>>),
) -> Result<T, Error> {
    let read =
        serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
            serde_ignored::deserialize(deserializer, |path| ignored(way(&path)))
        });
    read.map_err(|error| Error::Read(Box::new(Unreadable::new(text, &error))))
}

fn way(path: &serde_ignored::Path<'_>) -> Option<Vec<String>> {
    use serde_ignored::Path;
    match path {
        Path::Root => Some(Vec::new()),
        Path::Seq { .. } => None,
        Path::Map { parent, key } => {
            let mut way = way(parent)?;
            way.push(key.clone());
            Some(way)
        }
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => way(parent),
    }
}

/// As [`from_str`], of a text without anchors, aliases and merges: what stands there is all that is said.
///
/// # Errors
/// As [`from_str`].
pub fn from_plain_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut options = options();
    options.merge_keys = serde_saphyr::MergeKeyPolicy::Error;
    options.alias_limits.max_total_replayed_events = 0;
    let read = serde_saphyr::from_str_with_options(text, options);
    read.map_err(|error| Error::Read(Box::new(Unreadable::new(text, &error))))
}

/// Reads every document of a stream, JSON too, which is YAML.
///
/// # Errors
/// As [`from_str`].
pub fn documents<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, Error> {
    let read = serde_saphyr::from_multiple_with_options(text, options());
    read.map_err(|error| Error::Read(Box::new(Unreadable::new(text, &error))))
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Texts that one reader of YAML or another takes for a boolean, a number, null, a time, or the
    /// start of something.
    const NASTY: &[&str] = &[
        "",
        " ",
        "~",
        "null",
        "Null",
        "no",
        "No",
        "n",
        "y",
        "yes",
        "on",
        "off",
        "true",
        "FALSE",
        "0",
        "0777",
        "0o777",
        "0x1F",
        "0b11",
        "1_000",
        "1e3",
        "1.",
        ".5",
        "-.inf",
        ".NaN",
        "1.32",
        "12:30:45",
        "2026-06-01",
        "2026-06-01T00:00:00Z",
        "<<",
        "=",
        "-",
        "- a",
        "?",
        "? a",
        ":",
        ": a",
        "a: b",
        "a #b",
        "#a",
        "!a",
        "&a",
        "*a",
        "@a",
        "`a",
        "%a",
        "|",
        ">",
        "[",
        "{",
        "}",
        "'",
        "\"",
        "\\",
        "---",
        "...",
        "a\nb",
        "a\n",
        "\n",
        "a\tb",
        "a ",
        " a",
        "\u{0}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "é",
        "日本",
        "123456789012",
        "000000000001",
    ];

    #[test]
    fn nasty_texts_stay_texts() {
        let texts: BTreeMap<String, String> =
            NASTY.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
        let yaml = to_string(&texts).unwrap();
        assert_eq!(from_str::<BTreeMap<String, String>>(&yaml).unwrap(), texts, "{yaml}");
        // A reader without our types must not see anything but texts either.
        let untyped: BTreeMap<String, serde_json::Value> = from_str(&yaml).unwrap();
        for (key, value) in untyped {
            assert_eq!(value, serde_json::Value::String(key.clone()), "{key:?} in\n{yaml}");
        }
    }

    #[test]
    fn nasty_texts_are_golden() {
        let some =
            ["no", "1e3", "0777", "12:30:45", "~", "a: b", "a\nb", "plain", "ap-southeast-1"];
        insta::assert_snapshot!(to_string(&some).unwrap());
    }

    #[test]
    fn long_texts_stay_on_one_line() {
        let long = "word ".repeat(60);
        let yaml = to_string(&BTreeMap::from([("k", long.as_str())])).unwrap();
        assert_eq!(yaml.lines().count(), 1, "{yaml}");
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error() {
        assert!(from_str::<BTreeMap<String, String>>("a: b\na: c\n").is_err());
    }

    #[test]
    fn yes_is_no_boolean() {
        assert!(from_str::<BTreeMap<String, bool>>("ready: yes\n").is_err());
        assert!(from_str::<BTreeMap<String, bool>>("ready: true\n").is_ok());
    }

    proptest! {
        #[test]
        fn any_text_survives(text in any::<String>(), key in any::<String>()) {
            let value = BTreeMap::from([(key, vec![text])]);
            let yaml = to_string(&value).unwrap();
            prop_assert_eq!(from_str::<BTreeMap<String, Vec<String>>>(&yaml).unwrap(), value);
        }
    }
}
