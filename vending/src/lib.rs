//! The account-vending engine: phases, controls, readiness, and the AWS adapter behind its ports.
//!
//! [`Vending`] is the way in. Behind it stand a pure decision (`engine`), a driver that carries
//! decisions out, and ports, which `aws` implements. Accounts are vended as products (guide §14):
//! whatever crashes, there is one account per key, and nothing good is destroyed by an error.

mod aws;
pub mod config;
pub mod controls;
pub mod engine;
pub mod error;
pub mod memory;
mod name;
pub mod operations;
pub mod partition;
pub mod policy;
pub mod ports;
pub mod profile;
mod proof;
pub mod region;
mod trying;
pub mod unit_path;
mod vending;
mod warning;
mod wish;

pub use config::{Config, Quarantine};
pub use engine::Believed;
pub use memory::Memory;
pub use proof::Proof;
pub use vending::Vending;
pub use wish::{
    Adopt, Attempt, EmailStep, Facts, Failure, Flaw, LetGo, NotClosed, NotUndone, Outcome, Parent,
    Refusal, Stays, Unfinished, Unusable, Warning, Wish,
};
