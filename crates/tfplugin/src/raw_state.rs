//! State as it was written: by an older version of the provider, or by another provider.

use std::fmt;

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Notice};
use crate::value::{Object, json};

/// A state, or an identity, as the state file has it.
#[derive(Clone, Copy)]
pub struct RawState<'a>(&'a [u8]);

impl<'a> RawState<'a> {
    /// The state that is written as this JSON.
    #[must_use]
    pub const fn new(json: &'a [u8]) -> Self {
        Self(json)
    }

    /// The state as an object of a struct that has the attributes it had then. What the struct does not have is
    /// passed over, and what the state does not have is null.
    ///
    /// # Errors
    /// When it is not JSON, or an attribute of the struct has another type.
    pub fn decode<Old: Object>(&self) -> Result<Old, Diagnostic> {
        let value = json::decode(self.0, &Old::ty()).map_err(|error| unreadable(&error))?;
        Old::decode(value).map_err(Diagnostic::from)
    }

    /// The state as parsed JSON, whatever is in it.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<Json, Diagnostic> {
        serde_json::from_slice(self.0).map_err(|error| unreadable(&json::DecodeError::Json(error)))
    }
}

impl fmt::Debug for RawState<'_> {
    /// How long it is only: there may be secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawState({} bytes)", self.0.len())
    }
}

/// Says that `what` (a state, an identity) is of a newer version than the provider has.
pub(crate) fn newer(what: &str, type_name: &str, version: i64, ours: i64) -> Diagnostic {
    let detail = format!(
        "The {what} of this `{type_name}` was written by a newer version of the provider (schema version \
         {version}, this provider has {ours}).\n\nUse that version of the provider, or a newer one."
    );
    Diagnostic::noticed(Notice::Unreadable, "State of a newer provider", detail)
}

/// Says that a state cannot be read. No value of it is in the message.
pub(crate) fn unreadable(error: &json::DecodeError) -> Diagnostic {
    let detail = format!("What is in state does not fit the schema it was written under: {error}.");
    Diagnostic::noticed(Notice::Unreadable, "Unreadable state", detail)
}
