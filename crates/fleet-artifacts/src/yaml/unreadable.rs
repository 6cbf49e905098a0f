//! Why a text cannot be read, in words of our own: the library's are for who calls it, and not for who wrote the text.

use serde_saphyr::DeserializeError as Library;

/// What is wrong with a text, and where. `Display` is a part of a sentence about the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{fault}", .place.map(|(line, column)| format!("in line {line}, column {column}, ")).unwrap_or_default())]
pub struct Unreadable {
    /// Line and column, both from 1; `None` where it is about the text as a whole.
    pub place: Option<(u64, u64)>,
    /// What it is.
    pub fault: Fault,
}

/// What can be wrong with a text. `Display` follows the place of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// What Git leaves in a file where two changes meet.
    #[error("a conflict of a merge is not resolved yet (`<<<<<<<`, `=======`, `>>>>>>>`)")]
    Conflict,
    /// There is nothing to read, or it ends too early.
    #[error("the text ends before everything is said")]
    Ends,
    /// The text is not YAML.
    #[error("it is not YAML (the parser says: {0})")]
    Syntax(String),
    /// A key of a mapping for a second time.
    #[error("{} stands for the second time", named("the key", .0.as_deref()))]
    Twice(Option<String>),
    /// More than one document.
    #[error("a second document begins (`---`), and a file holds one")]
    Documents,
    /// A field that has to be there.
    #[error("the field `{0}` is missing")]
    Missing(&'static str),
    /// A field that is none.
    #[error("`{0}` is a field that this version of the provider does not know")]
    Field(String),
    /// A word that is none of those there are.
    #[error("`{word}` stands where {} is expected", one_of(.expected))]
    Word {
        /// What stands there.
        word: String,
        /// What may stand there.
        expected: Vec<&'static str>,
    },
    /// A value of another kind.
    #[error("{found} stands where {expected} is expected")]
    Kind {
        /// What stands there.
        found: String,
        /// What is expected.
        expected: String,
    },
    /// A value that its own type refuses, in that type's words.
    #[error("{0}")]
    Refused(String),
    /// Aliases, merges, tags, more than a file may have.
    #[error("something stands that files of this kind do not use (the parser says: {0})")]
    Foreign(String),
}

fn named(what: &str, name: Option<&str>) -> String {
    name.map_or_else(|| "a key".to_owned(), |name| format!("{what} `{name}`"))
}

fn one_of(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

// === impl Unreadable ===

impl Unreadable {
    pub(super) fn new(text: &str, error: &Library) -> Self {
        if let Some(line) = conflict(text) {
            return Self { place: Some((line, 1)), fault: Fault::Conflict };
        }
        let error = error.without_snippet();
        let place = error.location().map(|at| (at.line(), at.column()));
        Self { place: place.filter(|(line, _)| *line > 0), fault: fault(error) }
    }
}

/// The line in which a conflict begins, or ends.
fn conflict(text: &str) -> Option<u64> {
    let is_mark = |line: &str| {
        ["<<<<<<<", "|||||||", ">>>>>>>"].iter().any(|mark| {
            let rest = line.strip_prefix(mark);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    };
    let lines = (1..).zip(text.lines());
    lines.filter(|(_, line)| is_mark(line)).map(|(number, _)| number).next()
}

/// What the library calls the kinds of values, as people call them.
fn called(kind: &str) -> &str {
    match kind {
        "mapping start" | "mapping" | "map" => "a mapping (`key: value`)",
        "sequence start" | "sequence" => "a list (`- value`)",
        "string scalar" | "scalar" | "string" => "a text",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "bool" => "`true` or `false`",
        other => other,
    }
}

/// Each cause of the library that a text can have; what is left is about how the library was called.
fn fault(error: &Library) -> Fault {
    let kind = |found: &str, expected: &str| Fault::Kind {
        found: called(found).to_owned(),
        expected: called(expected).to_owned(),
    };
    match error {
        Library::Message { msg, .. } => Fault::Refused(msg.clone()),
        Library::Eof { .. } => Fault::Ends,
        Library::MultipleDocuments { .. } => Fault::Documents,
        Library::DuplicateMappingKey { key, .. } => Fault::Twice(key.clone()),
        Library::SerdeMissingField { field, .. } => Fault::Missing(field),
        Library::SerdeUnknownField { field, .. } => Fault::Field(field.clone()),
        Library::SerdeUnknownVariant { variant, expected, .. } => {
            Fault::Word { word: variant.clone(), expected: expected.clone() }
        }
        Library::SerdeInvalidType { unexpected, expected, .. }
        | Library::SerdeInvalidValue { unexpected, expected, .. } => kind(unexpected, expected),
        Library::SerdeInvalidLength { len, expected, .. } => {
            kind(&format!("a list of {len}"), expected)
        }
        Library::Unexpected { expected, .. } => kind("something else", expected),
        Library::InvalidScalar { ty, .. } => kind("something else", ty),
        Library::InvalidBooleanStrict { .. } => kind("another word", "`true` or `false`"),
        Library::NullIntoString { .. } => kind("null", "a text"),
        Library::NonFiniteFloat { .. } => kind("a number without an end", "a number"),
        Library::ExternalMessage { msg, .. } => Fault::Syntax(msg.clone()),
        Library::AliasError { .. }
        | Library::UnknownAnchor { .. }
        | Library::MergeKeyNotAllowed { .. }
        | Library::MergeValueNotMapOrSeqOfMaps { .. }
        | Library::AliasReplayLimitExceeded { .. }
        | Library::AliasExpansionLimitExceeded { .. }
        | Library::UnsupportedTag { .. }
        | Library::Budget { .. } => Fault::Foreign(in_brief(error)),
        _ => Fault::Syntax(in_brief(error)),
    }
}

/// The library's words without what it says of the place, on one line.
fn in_brief(error: &Library) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.split(" at line ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use crate::yaml::from_str;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Sample {
        ready: bool,
        serial: u64,
        name: String,
        #[serde(default)]
        word: Option<Word>,
        #[serde(default)]
        list: Vec<String>,
        #[serde(default)]
        map: BTreeMap<String, String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Active,
        Retired,
    }

    #[test]
    fn every_fault_of_a_text_reads_as_our_own() {
        let good = "ready: true\nserial: 1\nname: a\n";
        assert!(from_str::<Sample>(good).is_ok());
        let mut said = Vec::new();
        for text in [
            "",
            "ready",
            "- ready",
            "ready: true\nserial: 1\n",
            "ready: true\nready: true\nserial: 1\nname: a\n",
            "ready: true\nserial: 1\nname: a\nnone: 1\n",
            "ready: yes\nserial: 1\nname: a\n",
            "ready: [true]\nserial: 1\nname: a\n",
            "ready: true\nserial: many\nname: a\n",
            "ready: true\nserial: -1\nname: a\n",
            "ready: true\nserial: 1\nname: [a]\n",
            "ready: true\nserial: 1\nname: null\n",
            "ready: true\nserial: 1\nname: a\nword: gone\n",
            "ready: true\nserial: 1\nname: a\nlist: b\n",
            "ready: true\nserial: 1\nname: a\nmap: [b]\n",
            "ready: true\nserial: 1\nname: *a\n",
            "ready: true\nserial: 1\nname: !x a\n",
            "ready: true\nserial: 1\nname: a\n---\nready: true\n",
            "ready: true\n serial: 1\nname: a\n",
            "ready: [true\nserial: 1\n",
            "ready: \"true\nserial: 1\n",
            "\tready: true\n",
            "<<<<<<< HEAD\nready: true\n",
            "{\"ready\": true",
            "ready: true\nserial: 1\nname: \"\\q\"\n",
        ] {
            let told = from_str::<Sample>(text).map(|_| "read".to_owned());
            let told = told.unwrap_or_else(|error| error.to_string());
            said.push(format!("{text:?}\n  {told}"));
        }
        // Nothing of how the library is called.
        for of in ["DuplicateKeyPolicy", "from_str", "Options", "serde", "u64"] {
            assert!(!said.iter().any(|line| line.contains(of)), "{of}: {said:#?}");
        }
        insta::assert_snapshot!(said.join("\n"));
    }
}
