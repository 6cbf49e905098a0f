//! The policy documents we write: typed, deterministic, without a wildcard principal.

pub mod boundary;
mod document;
pub mod exemption;
pub mod organization;
pub mod permissions;
pub mod state_access;
pub mod trust;

pub use document::{Document, Effect, Principal, Statement, fingerprint, same, speaks_of};
