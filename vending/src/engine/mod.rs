//! The engine: a pure decision ([`step`]) and a driver that carries decisions out through ports.

mod phase;

pub use phase::Phase;
