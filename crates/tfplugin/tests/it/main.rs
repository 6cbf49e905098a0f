//! The crate as a provider uses it, without a transport.

mod applying;
mod cloud;
mod golden_schema;
mod model;
mod planning;
mod planning_properties;
mod round_trip;
mod wire;
