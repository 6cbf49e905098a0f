//! What a list found, without the types of its resource.

use crate::diagnostic::Diagnostics;
use crate::value::Value;

/// An object that a list found.
#[derive(Debug, Clone, PartialEq)]
pub struct ListEvent {
    /// Its name, as a person knows it.
    pub display_name: String,
    /// What identifies it.
    pub identity: Value,
    /// The object, if it was asked for.
    pub resource: Option<Value>,
    /// Messages about this object.
    pub diagnostics: Diagnostics,
}
