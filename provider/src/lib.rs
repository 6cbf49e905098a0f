//! The provider `fleet`: HCL on one side, the vending engine, the inventory and the placement
//! decision on the other. One folder per resource, a file per verb.

pub mod access_policies;
pub mod account;
pub mod account_data;
mod addresses;
pub mod cluster_registration;
pub mod config;
pub mod diagnostic;
pub mod email;
pub mod env;
pub mod inventory;
pub mod inventory_data;
mod organization;
pub mod organization_data;
pub mod organizational_unit;
pub mod overlay;
pub mod placement;
mod provider;
pub mod refusal;
pub mod region;
mod runtime;
mod siblings;
pub mod tags;
mod vendors;

pub use provider::FleetProvider;
