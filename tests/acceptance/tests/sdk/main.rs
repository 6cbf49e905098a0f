//! The SDK's example `conformance` under every CLI: one module per topic.

mod generating;
mod history;
mod identity;
mod lifecycle;
mod lists;
mod provider;
mod refinements;
mod schema;
mod twins;
