//! The vendor of AWS accounts: its engine and what that stands on.
//!
//! [`Vending`] is the way in. `account`, `organization` and `unit` decide and carry out, through the traits of `api`,
//! which `sdk` implements. `controls` are the baseline, `policy` the policies that it writes.

pub(crate) mod account;
pub mod api;
pub mod controls;
pub(crate) mod deadline;
pub(crate) mod organization;
pub(crate) mod pause;
pub mod policy;
pub mod preflight;
mod sdk;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod unit;
pub(crate) mod vending;

pub use account::closure::CloseBudget;
pub use account::converge::look::{Looked, Unread};
pub use account::converge::{Adoption, Inside};
pub use account::quarantine::Confinement;
pub use account::refresh::Believed;
pub use organization::policy_difference::{PolicyDifference, PolicyNames};
pub use organization::standing::Standing;
pub use organization::survey::{AccountSeen, Survey, UnitSeen, Want};
pub use unit::{Claims, Origin, Unit, UnitAdoption, UnitJob, UnitRelease};
pub use vending::Vending;
