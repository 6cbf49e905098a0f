//! The real CLIs against the built provider and an emulated AWS: one module per topic.

mod account;
mod account_record;
mod adopt;
mod bad_input;
mod controls;
mod crash;
mod data;
mod decommission;
mod destroy;
mod harness;
mod hcl;
mod inventory;
mod lab;
mod not_created;
mod organizational_unit;
mod outsider;
mod ownership;
mod placement;
mod preflight;
mod progress;
mod provider_block;
mod refresh;
mod registration;
mod roles;
mod states;
mod transport;
