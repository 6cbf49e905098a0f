//! The crate as a provider uses it, without a transport.

#![expect(clippy::unwrap_used, reason = "what is missing in a test fails the test")]

mod actions;
mod applying;
mod blocks;
mod cloud;
mod deferring;
mod ephemeral;
mod functions;
mod generating;
mod golden_schema;
mod history;
mod identity;
mod listing;
mod model;
mod modifiers;
mod numbers;
mod panics;
mod planning;
mod planning_properties;
mod round_trip;
mod schema_rules;
mod unicode;
mod validators;
mod wire;
