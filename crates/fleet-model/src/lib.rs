//! The pure domain of a fleet (`docs/guides/fleet-model.md`): what an account, a cluster and the
//! inventory *are*, and what may be said about them.
//!
//! Nothing in here knows a cloud API, a file system, a clock or Terraform. Everything is ordered
//! (`BTreeMap`, `BTreeSet`), so that equal inputs give equal bytes.

pub mod account;
pub mod address;
pub mod cluster;
pub mod contact;
pub mod fit;
pub mod inventory;
pub mod label;
pub mod lifecycle;
pub mod name;
pub mod readiness;
pub mod snapshot;
pub mod software;
pub mod tags;
pub mod text;
