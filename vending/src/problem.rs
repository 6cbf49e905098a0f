//! What a vendor over a wire says went wrong.

use crate::error;

/// What a problem means for the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// How a call of the vendor's to its cloud ended.
    Call(error::Kind),
    /// Another manager holds it.
    ConflictOwner,
    /// Two requests want one email, alias or id.
    ConflictKey,
    /// The same request, with something else that cannot change.
    ConflictInput,
    /// A person has to do something.
    Human,
}

/// What a vendor says went wrong, in its own words. On the words nothing is decided; `class` decides.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The vendor's name in the provider block.
    pub vendor: String,
    /// What it means.
    pub class: Class,
    /// The vendor's own short code; empty: it has none.
    pub code: String,
    /// One sentence: what happened.
    pub message: String,
    /// Why; empty: it does not say.
    pub why: String,
    /// What a person can do; empty: it does not say.
    pub remedy: String,
    /// What it is about: an argument, a control, an id; empty: the account.
    pub object: String,
    /// The call behind it, `service:Operation`; empty: none.
    pub call: String,
    /// The cloud's own error code; empty: none.
    pub native_code: String,
}
