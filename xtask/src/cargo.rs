//! The cargo that runs us, and where it builds to.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, ffi::OsString};

use anyhow::{Context as _, Result, ensure};

/// The root of the clone.
pub(crate) fn root() -> &'static Path {
    // xtask/ is directly below it.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// A cargo command in the root of the clone, with the environment that a person's cargo would have: what
/// the cargo that runs us says of *this* package would make it build `ring` and all above it anew.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(root());
    command
}

/// `cargo xtask proto`, with the feature that it needs.
pub(crate) fn proto(check: bool) -> Command {
    let mut command =
        cargo(["run", "--quiet", "--package", "xtask", "--features", "proto", "--", "proto"]);
    command.args(check.then_some("--check"));
    command
}

/// The directory that holds this build: `target/debug`.
pub(crate) fn build_dir() -> Result<PathBuf> {
    let program = env::current_exe()?;
    Ok(program.parent().context("xtask is in no directory")?.to_path_buf())
}

/// The packages of the product, selected together: what is built for the demo, for the pages and for the
/// tests then asks the same features of every dependency, and nothing is compiled twice. The harness and
/// xtask are left out, since their own dependencies want more of the same crates.
pub(crate) const PRODUCT: [&str; 5] =
    ["--workspace", "--exclude", "fleet-acceptance", "--exclude", "xtask"];

/// Builds the provider and the SDK's small example, showing cargo's own progress; gives the program.
pub(crate) fn build_provider() -> Result<PathBuf> {
    // The example is what makes cargo count the features of the tests' dependencies in.
    build(&["--bin", "terraform-provider-fleet", "--example", "terraform-provider-example"])?;
    Ok(build_dir()?.join("terraform-provider-fleet"))
}

/// Builds the examples that the acceptance tests run: the SDK's, the one that prints policies, the kit's vendor,
/// and a host of one.
pub(crate) fn build_examples() -> Result<()> {
    let names =
        ["conformance", "transport-provider", "policies", "breakable-vendor", "drives-a-vendor"];
    build(&names.map(|name| ["--example", name]).concat())
}

/// Builds the kit for vendors of accounts, and the vendors of this repository.
pub(crate) fn build_vendors() -> Result<()> {
    let programs = ["fleet-vending-conformance", "fleet-vending-request", "fleet-vending-aws"];
    let mut targets = programs.map(|name| ["--bin", name]).concat();
    targets.extend(["--example", "approve-everything"]);
    build(&targets)
}

fn build(targets: &[&str]) -> Result<()> {
    let words = ["build"].into_iter().chain(PRODUCT).chain(targets.iter().copied());
    let status = cargo(words).status()?;
    ensure!(status.success(), "{} does not build", targets.join(" "));
    Ok(())
}
