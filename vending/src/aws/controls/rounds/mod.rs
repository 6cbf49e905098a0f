//! The rounds of the controls that have one of their own, each a [`Control`](super::control::Control).

mod identity;
mod password;
mod policies;
mod regions;

pub(super) use identity::Identity;
pub(super) use password::Password;
pub(super) use policies::Policies;
pub(super) use regions::Regions;
