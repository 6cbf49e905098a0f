//! Between messages and what the rest of the crate works with.

mod deferred;
mod diagnostics;
mod functions;
mod identity;
mod schema;
mod values;

pub(crate) use deferred::deferred;
pub(crate) use diagnostics::{diagnostics, function_error, path, read_path};
pub(crate) use functions::function;
pub(crate) use identity::{decode_identity, encode_identity, identity_schema};
pub(crate) use schema::schema;
pub(crate) use values::{decode, encode};
