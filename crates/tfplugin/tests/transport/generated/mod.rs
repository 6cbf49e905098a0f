//! The messages of the wire, from the same generated file that the server is built from.

#![allow(
    dead_code,
    unreachable_pub,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "made by a tool from proto/"
)]

#[path = "../../../src/server/generated/tfplugin6.rs"]
pub(crate) mod tfplugin6;
