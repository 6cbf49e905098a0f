//! Between messages and what the rest of the crate works with.

mod diagnostics;
mod functions;
mod schema;
mod values;

pub(crate) use diagnostics::{diagnostics, function_error, path, read_path};
pub(crate) use functions::function;
pub(crate) use schema::schema;
pub(crate) use values::{decode, encode};
