//! Made from `proto/fleet/vending/v1beta1/vending.proto` by `cargo xtask proto`. Only this file is written by hand.

// `allow`, since what a tool writes breaks one lint today and another after its next version.
#![allow(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::doc_markdown,
    clippy::large_enum_variant,
    reason = "made by a tool from proto/"
)]

/// The package `fleet.vending.v1beta1`: its comments are those of the .proto.
#[path = "fleet.vending.v1beta1.rs"]
pub mod v1beta1;
