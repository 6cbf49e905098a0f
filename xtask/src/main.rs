//! The commands of the repository.

mod docs;
mod proto;

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

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Docs { check } => docs::run(check),
        Command::Proto { check } => proto::run(check),
    }
}
