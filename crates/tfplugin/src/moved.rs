//! Objects that a `moved` block takes over from another type, or from another provider.

use crate::private::Private;
use crate::raw_state::RawState;

/// Where an object comes from. Look at all of it: a type of the same name may be another provider's.
#[derive(Debug, Clone)]
pub struct MovedFrom<'a> {
    /// The source address of the provider that had it: `registry.terraform.io/example/cloud`, or this provider's own.
    pub provider_address: &'a str,
    /// The type it was of.
    pub type_name: &'a str,
    /// The version of the schema that its state was written under.
    pub schema_version: i64,
    /// Its state.
    pub state: RawState<'a>,
    /// What was kept beside its state; empty where another provider kept what is no JSON object.
    pub private: Private,
    /// What identified it, if it had an identity.
    pub identity: Option<RawState<'a>>,
    /// The version of the schema of its identity.
    pub identity_version: i64,
}
