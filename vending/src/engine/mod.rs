//! The engine: a pure decision ([`step`]) and a driver that carries decisions out through ports.

mod adopt;
mod advance;
mod baseline;
mod belief;
#[cfg(test)]
mod closing_simulation;
mod closure;
mod create;
mod duplicate;
mod farewell;
mod governance;
mod held;
mod look;
mod marks;
pub(crate) mod parent;
mod patience;
mod phase;
pub(crate) mod policy_difference;
pub mod preflight;
mod progress;
mod quarantine;
#[cfg(test)]
mod scenarios;
mod search;
mod settings;
mod shared;
#[cfg(test)]
mod simulation;
mod standing;
mod step;
mod survey;
mod tree;
pub(crate) mod units;
mod unmanaged;

pub use belief::Believed;
pub use closure::CloseBudget;
pub(crate) use create::Run;
pub use duplicate::{Claimant, Duplicate, Rivals};
pub(crate) use held::Held;
pub use held::{Adoption, Inside};
pub use look::{Looked, Unread};
pub use parent::nearest;
pub(crate) use patience::Patience;
pub use phase::{Baseline, Gate, NoWayIn, Phase, Reason, Seen};
pub use policy_difference::{PolicyDifference, PolicyNames};
pub use quarantine::{Confinement, Isolation};
pub(crate) use shared::Shared;
pub use standing::{Standing, Task};
pub use step::{
    Action, Decision, Holder, Lookup, Observation, Pause, Said, Search, State, TagDrift, Tried,
    step,
};
pub(crate) use survey::Surveyor;
pub use survey::{AccountSeen, Survey, UnitSeen, Want};
pub use units::{Claims, Origin, Unit, UnitAdoption, UnitRelease, UnitWish};
