//! A provider that uses everything the SDK has, so that it can be compared with another provider of the same
//! schema and behaviour. Each type is in a file of its own; nothing here leaves the machine.
//!
//! Its twin, with the same types and descriptions, is in `benches/go-provider`.

mod announce;
mod describe;
mod divide;
mod echo;
mod failing;
mod file;
mod identified;
mod identified_list;
mod join;
mod provider;
mod thing;
mod token;
mod versioned;

use std::process::ExitCode;

fn main() -> ExitCode {
    tfplugin::server::run(provider::Conformance::default())
}
