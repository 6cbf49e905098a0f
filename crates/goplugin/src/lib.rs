#![doc = include_str!("../README.md")]

mod directory;
mod generated;
#[cfg(feature = "host")]
pub mod host;
pub mod plugin;
mod protocol;
mod stream;

pub use directory::{NoPlace, Unfit};
pub use protocol::Protocol;
