//! Answers that have to wait for a later plan.

/// Why the provider cannot decide yet. Only a CLI that plans in several rounds can be told so: see
/// [`Context::deferral_allowed`](crate::Context::deferral_allowed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deferred {
    /// The object's own configuration is unknown where it matters.
    ResourceConfigUnknown,
    /// The provider's configuration is unknown where it matters.
    ProviderConfigUnknown,
    /// Something that has to exist first does not exist yet.
    AbsentPrerequisite,
}
