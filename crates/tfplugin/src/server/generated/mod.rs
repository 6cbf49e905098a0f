//! The wire messages and services, made from `proto/tfplugin6.proto` by `cargo xtask proto`. Only this file is written by hand.

// `allow`, since what a tool writes breaks one lint today and another after its next version.
#![allow(
    dead_code,
    unreachable_pub,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "made by a tool from proto/"
)]

/// Terraform plugin protocol 6.
pub(crate) mod tfplugin6;
