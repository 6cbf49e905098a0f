//! The SDK's example `conformance` under every CLI: one module per topic.

mod actions;
mod ephemeral;
mod functions;
mod generating;
mod history;
mod identity;
mod lifecycle;
mod lists;
mod provider;
mod refinements;
mod schema;
mod stop;
mod twins;
