//! The harness of the acceptance tests: real CLIs against the built provider and an emulated AWS.
//!
//! A test takes a [`Cli`] and makes a [`Workspace`] with it: a fresh directory, an AWS organization of
//! its own, and an environment that holds nothing of the caller's. A test of another provider makes a
//! [`Sandbox`], which has no AWS. [`each_cli!`] makes one test per CLI, [`one_cli!`] one test in all.
//!
//! ```no_run
//! use fleet_acceptance::{Cli, Workspace};
//!
//! fn creates(cli: Cli) -> anyhow::Result<()> {
//!     let workspace = Workspace::new(cli)?;
//!     workspace.hcl(r#"resource "terraform_data" "a" {}"#)?;
//!     workspace.apply()?;
//!     workspace.assert_unchanged()
//! }
//! ```

#![expect(clippy::print_stderr, reason = "a harness tells a person what it is doing")]

mod aws;
mod backend;
pub mod cache;
mod cli;
#[cfg(feature = "containers")]
mod containers;
mod diagnostic;
mod emulator;
mod go;
mod node;
mod plan;
mod provider;
mod python;
mod run;
mod sandbox;
mod server;
mod state;
mod wired;
mod workspace;

pub use aws::{Aws, access_role};
pub use backend::Backend;
pub use cli::{Cli, Program};
pub use diagnostic::{Diagnostic, Position, Range, Severity, Snippet};
pub use emulator::Emulator;
pub use go::twin;
pub use node::evaluate;
pub use plan::Plan;
pub use provider::{binary, example, example_of, mirror};
pub use python::{Environment, package_dir};
pub use run::Run;
pub use sandbox::Sandbox;
pub use state::{Resource, State};
pub use wired::{over_the_wire, vendor};
pub use workspace::Workspace;

/// Says on stderr what takes its time, so that a first run is not silent for minutes.
pub(crate) fn announce(what: &str) {
    eprintln!("{what}");
}

/// One `#[test]` for each function, on [`Cli::ONE`], in a module of the function's name: for what depends on the
/// provider alone. What depends on how core behaves (plans, replacement, taint, saved plans, imports, stops)
/// takes [`each_cli!`].
#[macro_export]
macro_rules! one_cli {
    ($($name:ident),+ $(,)?) => {
        $(
            mod $name {
                #[test]
                fn one_cli() -> anyhow::Result<()> {
                    super::$name($crate::Cli::ONE)
                }
            }
        )+
    };
}

/// One `#[test]` per CLI for each function, in a module of the function's name.
#[macro_export]
macro_rules! each_cli {
    ($($name:ident),+ $(,)?) => {
        $(
            mod $name {
                #[test]
                fn terraform_1_11() -> anyhow::Result<()> {
                    super::$name($crate::Cli::Terraform1_11)
                }

                #[test]
                fn terraform_1_15() -> anyhow::Result<()> {
                    super::$name($crate::Cli::Terraform1_15)
                }

                #[test]
                fn opentofu_1_12() -> anyhow::Result<()> {
                    super::$name($crate::Cli::OpenTofu1_12)
                }
            }
        )+
    };
}
