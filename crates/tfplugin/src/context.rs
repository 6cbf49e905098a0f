//! What the CLI's call says beyond its values.

use tokio_util::sync::CancellationToken;

/// What the CLI's call says beyond its values.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Context {
    /// Cancelled when the person stops the CLI: end what you wait for, and return what is there.
    pub cancelled: CancellationToken,
    /// Does this CLI know write-only attributes?
    pub write_only_allowed: bool,
    /// May the answer be [`Deferred`](crate::Deferred)? No CLI but an experimental one says so.
    pub deferral_allowed: bool,
}
