//! Account vending: what every vendor of accounts speaks, AWS as a vendor (`aws`), and vendors that are programs (`wire`).
//!
//! Accounts are vended as products (guide §14): whatever crashes, there is one account per key, and
//! nothing good is destroyed by an error.

pub mod aws;
pub mod config;
mod duplicate;
pub mod error;
pub mod memory;
mod name;
mod nearest;
mod not_governed;
pub mod operations;
mod outcome;
pub mod partition;
mod phase;
mod problem;
pub mod profile;
mod progress;
mod proof;
mod refusal;
pub mod region;
mod request;
mod trying;
pub mod unit_path;
mod vendor;
mod warning;
pub mod wire;

pub use aws::Vending;
pub use config::{Config, Quarantine};
pub use duplicate::{Claimant, Duplicate};
pub use memory::Memory;
pub use nearest::nearest;
pub use not_governed::NotGoverned;
pub use outcome::{Attempt, Facts, Failure, LetGo, Outcome, Unfinished, VendorOutcome};
pub use phase::{Gate, NoWayIn, Phase, Reason};
pub use problem::{Class, Problem};
pub use proof::Proof;
pub use refusal::{Flaw, NotClosed, NotStarted, NotUndone, Refusal, Task, Unusable};
pub use request::{AccountJob, AccountRequest, Adopt, EmailStep, Past, RunIntent};
pub use unit_path::Parent;
pub use vendor::{Answer, Aws, Description, Vendor};
pub use warning::{Stays, Warning};
