//! The inventory of a fleet (DESIGN.md, "Inventory"): what its documents say, the store that keeps them, and the
//! places that a store can be in.
//!
//! Everything is synchronous. Files block, `git` is a program that is waited for, and the SDK gives a handler that blocks
//! threads of its own; a place that is asked over HTTP brings the runtime for that itself.

pub mod backend;
mod decoded;
pub mod document;
mod error;
pub mod file;
pub mod git;
pub mod location;
mod store;

pub use backend::directory::freshness::{Doubt, Freshness, Upstream};
pub use backend::git::Author;
pub use decoded::decode;
pub use error::Error;
pub use store::own::{Instead, Lost, holds_back};
pub use store::{Admission, Found, Kind, Missing, Older, Removal, Seen, Store, Stores};
