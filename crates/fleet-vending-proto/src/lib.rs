//! The wire between the host and a vendor of accounts: the messages of `proto/fleet/vending/v1beta1/vending.proto`, and the
//! numbers that both sides have to know beside them.

pub mod digest;
mod generated;
pub mod limits;

pub use generated::v1beta1;
use uuid::Uuid;

/// The variable of the environment that says to a vendor that a host started it. It keeps people from starting one by
/// accident, and is no secret.
pub const COOKIE_NAME: &str = "FLEET_VENDING_PLUGIN";

/// The value of [`COOKIE_NAME`].
pub const COOKIE_VALUE: &str = "8232f1927ac7866384552afc05c7b6615a6c8a7290328ff5ac4233d7756f2cb9";

/// The application protocol in go-plugin's handshake: version 1 is the package `fleet.vending.v1beta1`.
pub const PROTOCOL_VERSION: u16 = 1;

/// The full name of the gRPC service.
pub const SERVICE: &str = "fleet.vending.v1beta1.AccountVendor";

/// The files of the protocol as a serialized `FileDescriptorSet`, without comments. A change of the .proto that breaks whoever
/// reads messages by it fails `cargo xtask proto --check`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("../descriptor.binpb");

/// The space of [`fleet_id`]s. It never changes: accounts are found again by them.
const NAMESPACE: Uuid = Uuid::from_u128(0xff89_ac2e_4a77_5144_bbc4_be62_d06e_9f6a);

/// The `fleet_id` of a key: `UUIDv5(ff89ac2e-4a77-5144-bbc4-be62d06e9f6a, key)`, as hyphenated lower-case text.
#[must_use]
pub fn fleet_id(key: &str) -> String {
    Uuid::new_v5(&NAMESPACE, key.as_bytes()).hyphenated().to_string()
}

#[cfg(test)]
mod tests;
