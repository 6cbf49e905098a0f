//! The account-vending engine: phases, controls, readiness, and the AWS adapter behind its ports.
//!
//! [`Vending`] is the way in. Behind it stand a pure decision (`engine`), a driver that carries
//! decisions out, and ports, which `aws` implements. Accounts are vended as products (guide §14):
//! whatever crashes, there is one account per key, and nothing good is destroyed by an error.

pub mod address;
mod aws;
pub mod config;
pub mod controls;
mod duplicate;
pub mod engine;
pub mod error;
pub mod memory;
mod name;
mod nearest;
mod not_governed;
pub mod operations;
mod outcome;
pub mod partition;
mod phase;
pub mod policy;
pub mod ports;
mod problem;
pub mod profile;
mod progress;
mod proof;
mod refusal;
pub mod region;
mod request;
mod trying;
pub mod unit_path;
mod vending;
mod vendor;
mod warning;
pub mod wire;

pub use config::{Config, Quarantine};
pub use engine::Believed;
pub use memory::Memory;
pub use nearest::nearest;
pub use not_governed::NotGoverned;
pub use outcome::{Attempt, Facts, Failure, LetGo, Outcome, Unfinished, VendorOutcome};
pub use problem::{Class, Problem};
pub use proof::Proof;
pub use refusal::{Flaw, NotClosed, NotStarted, NotUndone, Refusal, Unusable};
pub use request::{Adopt, EmailStep, VendorRequest, Wish};
pub use unit_path::Parent;
pub use vending::Vending;
pub use vendor::{Answer, Aws, Description, Vendor};
pub use warning::{Stays, Warning};
