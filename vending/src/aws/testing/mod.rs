//! The fake cloud, and what is played on it.

mod closing;
pub(crate) mod scenarios;
pub(crate) mod simulation;
