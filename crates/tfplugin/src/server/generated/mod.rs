//! The wire messages and services, made from `proto/` by `cargo xtask proto`. Only this file is written by hand.

/// The services of go-plugin that a CLI calls besides the provider's own (`proto/goplugin.proto`).
pub(crate) mod plugin;
/// Terraform plugin protocol 6 (`proto/tfplugin6.proto`).
pub(crate) mod tfplugin6;
