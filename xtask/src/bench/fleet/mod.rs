//! What `fleet_account` costs in calls to AWS, counted by the emulated AWS: the vending of many accounts at once, and
//! the refresh of a large fleet.

mod calls;
mod refresh;
mod vend;
mod world;

pub(crate) use refresh::{memory, refresh};
pub(crate) use vend::vend;

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Amount {
    /// Accounts that are vended at once.
    pub(crate) vended: u32,
    /// Accounts of the fleet that is refreshed.
    pub(crate) refreshed: u32,
    /// Accounts of the fleet whose refresh shows the memory.
    pub(crate) remembered: u32,
}
