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
        /// Fail when the committed files are stale or break programs that were built by them, write nothing.
        #[arg(long, conflicts_with = "break_readers")]
        check: bool,
        /// Write them although programs that were built by the committed ones break.
        #[arg(long = "break")]
        break_readers: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Meter(options) => bench::meter::run(&options),
        Command::Docs { check } => docs::run(check).map(|()| ExitCode::SUCCESS),
        Command::Proto { check, break_readers } => make_proto(check, break_readers),
    }
}

/// This program, or itself again with what this command needs.
fn make_proto(check: bool, break_readers: bool) -> anyhow::Result<ExitCode> {
    #[cfg(feature = "proto")]
    return proto::run(match (check, break_readers) {
        (true, _) => proto::Mode::Check,
        (false, true) => proto::Mode::Break,
        (false, false) => proto::Mode::Write,
    })
    .map(|()| ExitCode::SUCCESS);
    #[cfg(not(feature = "proto"))]
    {
        let mut command = cargo::proto(check);
        command.args(break_readers.then_some("--break"));
        let status = command.status()?;
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
