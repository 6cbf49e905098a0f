//! What the SDK notices by itself.

use crate::value::DecodeError;

/// The kinds of messages that the SDK has for a person, so that a provider can say each of them in its own way: with a code,
/// with what to do. See [`Provider::reword`](crate::Provider::reword).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A value that its attribute has no place for: most often a null in a collection.
    Misfit(Box<DecodeError>),
    /// A value that breaks a rule of its attribute ([`validator`](crate::validator)).
    Value,
    /// A required attribute of an object is null. Of attributes that are not nested the CLI says it.
    Missing,
    /// An attribute that only the provider sets is configured.
    ReadOnly,
    /// Attributes are set together that exclude each other, or without one that they need.
    Together,
    /// Something is set that is deprecated: a warning.
    Deprecated,
    /// What the CLI hands over cannot be read: a state, an identity, or what is kept beside them, of another version or
    /// changed by hand.
    Unreadable,
    /// This version of the provider has nothing of this name.
    Unknown,
    /// There is no such object.
    NotFound,
    /// The object, or the CLI, does not know how to do that.
    Unsupported,
    /// A call was cut off when the person stopped the CLI.
    CutOff,
    /// The system had no thread for a call.
    NoThread,
    /// The provider's own code is wrong: it crashed, or answered what the protocol does not allow.
    Fault,
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    fn sources(directory: &Path, into: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
            }
        }
    }

    /// A provider can give a message its own words, and a code, only where it knows what was noticed.
    #[test]
    fn every_message_of_the_sdk_says_what_was_noticed() {
        let mut all = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
        assert!(all.len() > 100, "{}", all.len());
        for (path, text) in all {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for plain in ["Diagnostic::error(", "Diagnostic::warning("] {
                    assert!(!line.contains(plain), "{path}: {line}");
                }
            }
        }
    }
}
