//! Vendors at the other end of a wire, in both directions: [`Remote`] drives a vendor that is another program, and
//! [`Service`] lets another program drive the AWS vendor.
//!
//! What comes from a vendor is untrusted: sizes, ids, keys and digests are checked where a message is read, texts are bounded and
//! escaped, and what cannot be is a [`Problem`](crate::Problem) that says so. Nothing is decided on a text.

mod client;
mod convert;
mod server;
#[cfg(test)]
mod testing;

pub use client::{Connect, Generation, Remote, Settings};
pub use server::Service;
pub use tonic::transport::Channel;

/// By which a host and a vendor know each other before a vendor starts.
pub const PROTOCOL: goplugin::Protocol = goplugin::Protocol {
    cookie_key: fleet_vending_proto::COOKIE_NAME,
    cookie_value: fleet_vending_proto::COOKIE_VALUE,
    version: fleet_vending_proto::PROTOCOL_VERSION,
};
