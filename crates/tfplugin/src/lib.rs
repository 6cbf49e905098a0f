//! Terraform and OpenTofu plugin protocol 6 for Rust: schemas, values, the plan engine and the transport.

pub mod server;
