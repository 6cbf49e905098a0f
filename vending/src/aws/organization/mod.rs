//! The organization that accounts are in: its tree, who calls, what is in it, and what a run shares of it.

pub(crate) mod parent;
pub(crate) mod policy_difference;
pub(crate) mod shared;
pub(crate) mod standing;
pub(crate) mod survey;
mod tree;
mod unmanaged;
