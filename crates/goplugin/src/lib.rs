#![doc = include_str!("../README.md")]

mod generated;
pub mod plugin;
mod protocol;

pub use protocol::Protocol;
