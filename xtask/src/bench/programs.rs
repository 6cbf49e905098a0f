//! The programs that are measured, built as they are released.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use fleet_acceptance::twin;

use super::subject::Program;
use crate::cargo::{PRODUCT, build_dir, cargo};

/// The programs.
pub(crate) struct Programs {
    /// The SDK's smallest example.
    pub(crate) small: Program,
    /// The SDK's example that uses everything.
    pub(crate) large: Program,
    /// The provider of this repository, where it is wanted.
    pub(crate) fleet: Option<Program>,
    /// The large example in Go, with the same schema, where it is wanted and Go can be had.
    pub(crate) go: Option<Program>,
}

/// Builds the examples of the SDK, and the provider where it is wanted (its AWS libraries take minutes), optimised and
/// stripped, showing cargo's own progress.
pub(crate) fn build(with_fleet: bool, with_go: bool) -> Result<Programs> {
    const SMALL: &str = "terraform-provider-example";
    const LARGE: &str = "conformance";
    const FLEET: &str = "terraform-provider-fleet";
    let mut command = cargo(["build", "--release"].into_iter().chain(PRODUCT));
    command.args(["--example", SMALL, "--example", LARGE]);
    if with_fleet {
        command.args(["--bin", FLEET]);
    }
    let status = command.status()?;
    ensure!(status.success(), "the providers do not build");
    let go = with_go.then(go).flatten();
    let debug = build_dir()?;
    let release = debug.parent().context("no target directory")?.join("release");
    let examples = release.join("examples");
    let ours = |name: &str, path: PathBuf| Program { name: name.to_owned(), path, is_go: false };
    Ok(Programs {
        small: ours("small example", examples.join(SMALL)),
        large: ours("large example", examples.join(LARGE)),
        fleet: with_fleet.then(|| ours("fleet", release.join(FLEET))),
        go,
    })
}

/// The Go provider; none, and a line that says why, where it cannot be built.
fn go() -> Option<Program> {
    match twin() {
        Ok(path) => Some(Program { name: "Go".to_owned(), path, is_go: true }),
        Err(error) => {
            println!("nothing is compared with Go: {error:#}");
            None
        }
    }
}

impl Programs {
    /// All of them.
    pub(crate) fn all(&self) -> Vec<Program> {
        let examples = [self.small.clone(), self.large.clone()];
        examples.into_iter().chain(self.fleet.clone()).chain(self.go.clone()).collect()
    }
}
