//! The commands of the repository: `cargo xtask demo`, `test`, `bench`, `docs`, `proto`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "telling a person how it goes is what these commands are for"
)]

mod bench;
mod cargo;
mod demo;
mod docs;
mod interrupt;
#[cfg(feature = "proto")]
mod proto;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The commands of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply the practice lab against an emulated AWS, and show what came of it.
    Demo(demo::Options),
    /// Run every check and every test; the last line counts them.
    Test(test::Options),
    /// Measure what the SDK and its providers cost: a table of figures and what they should be.
    Bench(bench::Options),
    /// Run a program and write down what it cost: what the bench puts between a CLI and a provider.
    #[command(hide = true)]
    Meter(bench::meter::Options),
    /// Write docs/ from the schema, examples/ and provider/codes/.
    Docs {
        /// Fail when a page is stale, write nothing.
        #[arg(long)]
        check: bool,
    },
    /// Make the Rust of the wire messages from proto/.
    Proto {
        /// Fail when the committed files are stale, write nothing.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Meter(options) => bench::meter::run(&options),
        Command::Docs { check } => docs::run(check).map(|()| ExitCode::SUCCESS),
        Command::Proto { check } => make_proto(check),
    }
}

/// This program, or itself again with what this command needs.
fn make_proto(check: bool) -> anyhow::Result<ExitCode> {
    #[cfg(feature = "proto")]
    return proto::run(check).map(|()| ExitCode::SUCCESS);
    #[cfg(not(feature = "proto"))]
    {
        let status = cargo::proto(check).status()?;
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
