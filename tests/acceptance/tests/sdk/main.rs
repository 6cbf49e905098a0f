//! The SDK's example `conformance` under every CLI: one module per topic.

mod lifecycle;
mod provider;
mod schema;
mod twins;
