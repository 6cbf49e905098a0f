//! What calls take and give.

use crate::deferred::Deferred;
use crate::diagnostic::{Diagnostics, Path};
use crate::value::Value;

/// What the CLI can handle, as it says with each call.
#[derive(Debug, Clone, Copy, Default)]
pub struct Capabilities {
    /// Does it know write-only attributes?
    pub write_only_attributes_allowed: bool,
    /// Does it know deferred answers?
    pub deferral_allowed: bool,
}

/// An object as the CLI keeps it: what a state file, or a plan, has of it.
#[derive(Debug, Clone)]
pub struct Stored<'a> {
    /// The object; null when there is none.
    pub state: Value,
    /// What identifies it; null as long as that is not known, and for a resource without identity.
    pub identity: Value,
    /// What is kept beside it.
    pub private: &'a [u8],
}

/// A plan.
#[derive(Debug)]
pub struct Planned {
    /// The planned object; null when it is to be deleted.
    pub planned: Value,
    /// What identifies the object that is there already; null on create.
    pub identity: Value,
    /// The attributes whose change replaces the object, sorted.
    pub requires_replace: Vec<Path>,
    /// What is kept beside the state.
    pub private: Vec<u8>,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// An object as it goes into state.
#[derive(Debug)]
pub struct Saved {
    /// The object; null when there is none.
    pub state: Value,
    /// What identifies it; null as long as that is not known, and for a resource without identity.
    pub identity: Value,
    /// What is kept beside the state.
    pub private: Vec<u8>,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// What a data source found.
#[derive(Debug)]
pub struct Data {
    /// What was found; null when there is an error, unknown when the answer is deferred.
    pub state: Value,
    /// Why the answer has to wait, if it has to.
    pub deferred: Option<Deferred>,
    /// Messages.
    pub diagnostics: Diagnostics,
}

// === impl Stored ===

impl<'a> Stored<'a> {
    /// An object of a resource without identity.
    #[must_use]
    pub const fn new(state: Value, private: &'a [u8]) -> Self {
        Self { state, identity: Value::Null, private }
    }

    /// No object.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::new(Value::Null, &[])
    }
}
