//! The engine: pure decisions, of a create and of what comes after it, and drivers that carry them out through ports.

mod baseline;
mod belief;
#[cfg(test)]
mod closing_simulation;
mod closure;
mod converge;
mod create;
mod farewell;
mod governance;
mod landing_zone;
mod ownership;
pub(crate) mod parent;
mod patience;
mod pause;
pub(crate) mod policy_difference;
pub mod preflight;
mod quarantine;
mod rivals;
mod run;
#[cfg(test)]
pub(crate) mod scenarios;
mod shared;
#[cfg(test)]
pub(crate) mod simulation;
mod standing;
mod survey;
mod tree;
pub(crate) mod units;
mod unmanaged;

pub use belief::Believed;
pub use closure::CloseBudget;
pub(crate) use converge::Held;
pub use converge::look::{Looked, Unread};
pub use converge::{Adoption, Inside};
pub(crate) use patience::Patience;
pub(crate) use pause::Pause;
pub use policy_difference::{PolicyDifference, PolicyNames};
pub use quarantine::Confinement;
pub(crate) use run::Run;
pub(crate) use shared::Shared;
pub use standing::Standing;
pub(crate) use survey::Surveyor;
pub use survey::{AccountSeen, Survey, UnitSeen, Want};
pub use units::{Claims, Origin, Unit, UnitAdoption, UnitRelease, UnitWish};

pub use crate::duplicate::{Claimant, Duplicate};
pub use crate::nearest::nearest;
pub use crate::phase::{Gate, NoWayIn, Phase, Reason};
pub use crate::refusal::Task;
