//! The file that a person or a system writes: what became of a request. Nothing in it is trusted before it is checked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// The form of the file.
const VERSION: u8 = 1;

/// Bytes of one text.
const TEXT: usize = 1024;

/// Bytes of an id, which is printable ASCII.
const ID: usize = 512;

/// Entries of a list or map.
const ENTRIES: usize = 64;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// The account is made, and may be used.
    Approved,
    /// It will not be made.
    Denied,
    /// Something has to be known first: `reason` says what.
    NeedsInfo,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fulfilment {
    version: u8,
    /// Of the request that it answers.
    pub(crate) request_sha256: String,
    pub(crate) decision: Decision,
    /// Who decided.
    pub(crate) approver: String,
    /// Who made the account, if somebody else did.
    #[serde(default)]
    pub(crate) fulfiller: String,
    /// When it was decided.
    #[serde(default)]
    at: String,
    /// Why it was denied, or what has to be known.
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) native_id: String,
    #[serde(default)]
    pub(crate) resource_name: String,
    #[serde(default)]
    pub(crate) access: BTreeMap<String, String>,
    /// Where to see that it is so: links, numbers of tickets.
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
    #[serde(default)]
    pub(crate) ticket: String,
    /// After which the approval is void.
    #[serde(default)]
    expires: String,
    /// When the account was closed.
    #[serde(default)]
    pub(crate) closed_at: String,
}

/// Why a file is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// Its form; the text says where.
    #[error("it is not in the form of a fulfilment: {0}")]
    Form(String),
    /// Its version.
    #[error("it is of version {0}, which this program does not know")]
    Version(u8),
    /// One field.
    #[error("`{0}` {1}")]
    Field(&'static str, &'static str),
}

impl Fulfilment {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub(crate) fn from_text(text: &str) -> Result<Self, Refused> {
        let read: Self = fleet_artifacts::yaml::from_str(text).map_err(|error| {
            let text: String = error
                .to_string()
                .chars()
                .filter(|letter| !letter.is_control())
                .take(TEXT)
                .collect();
            Refused::Form(text)
        })?;
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), Refused> {
        if self.version != VERSION {
            return Err(Refused::Version(self.version));
        }
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if self.request_sha256.len() != 64 || !self.request_sha256.bytes().all(hex) {
            return Err(Refused::Field(
                "request_sha256",
                "is not 64 lower-case hexadecimal digits",
            ));
        }
        for (name, text) in [
            ("approver", &self.approver),
            ("fulfiller", &self.fulfiller),
            ("reason", &self.reason),
            ("ticket", &self.ticket),
        ] {
            plain(name, text)?;
        }
        for (name, text) in [("native_id", &self.native_id), ("resource_name", &self.resource_name)]
        {
            if text.len() > ID || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Refused::Field(
                    name,
                    "is not at most 512 bytes of printable ASCII without spaces",
                ));
            }
        }
        if self.access.len() > ENTRIES {
            return Err(Refused::Field("access", "has more than 64 entries"));
        }
        if self.evidence.len() > ENTRIES {
            return Err(Refused::Field("evidence", "has more than 64 entries"));
        }
        for (name, text) in &self.access {
            plain("access", name)?;
            plain("access", text)?;
        }
        for text in &self.evidence {
            plain("evidence", text)?;
            if text.trim().is_empty() {
                return Err(Refused::Field("evidence", "has an empty entry"));
            }
        }
        for (name, text) in
            [("at", &self.at), ("expires", &self.expires), ("closed_at", &self.closed_at)]
        {
            if !text.is_empty() && text.parse::<Timestamp>().is_err() {
                return Err(Refused::Field(name, "is no time in the form of RFC 3339"));
            }
        }
        if self.approver.trim().is_empty() {
            return Err(Refused::Field("approver", "is empty: somebody has to have decided"));
        }
        match self.decision {
            Decision::Approved if self.native_id.is_empty() => {
                Err(Refused::Field("native_id", "is empty, though the request is approved"))
            }
            Decision::Denied | Decision::NeedsInfo if self.reason.trim().is_empty() => Err(
                Refused::Field("reason", "is empty: say why it is denied, or what has to be known"),
            ),
            _ => Ok(()),
        }
    }

    /// Whether the approval is void by now.
    pub(crate) fn expired(&self, now: Timestamp) -> bool {
        self.expires.parse::<Timestamp>().is_ok_and(|expires| expires <= now)
    }

    /// Since when, for people. Empty: never.
    pub(crate) fn expires(&self) -> &str {
        &self.expires
    }

    /// Whether this is who asked: nobody approves what is his own.
    pub(crate) fn approved_by(&self, requester: &str) -> bool {
        let name = |text: &str| text.trim().to_lowercase();
        !requester.trim().is_empty() && name(&self.approver) == name(requester)
    }
}

/// A text that can be shown to people as it is.
fn plain(name: &'static str, text: &str) -> Result<(), Refused> {
    // What turns the direction of writing shows another text than there is.
    let turns = |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.len() > TEXT {
        return Err(Refused::Field(name, "is longer than 1024 bytes"));
    }
    if text.chars().any(|letter| letter.is_control() || turns(letter)) {
        return Err(Refused::Field(name, "has control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
