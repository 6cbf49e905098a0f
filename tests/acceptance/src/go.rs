//! Go, for the programs that no package registry ships: OpenTofu, and the twin of the SDK's example.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::python::{Environment, output, package_dir};
use crate::{announce, cache};

/// Builds `package` of the Go module in the directory `module` as `program`, with no C in it. `linker` are
/// flags of the linker beyond those that leave symbols out.
pub(crate) fn build(module: &Path, package: &str, linker: &str, program: &Path) -> Result<()> {
    output(
        Command::new(go()?)
            .args(["build", "-trimpath", "-buildvcs=false", "-mod=readonly"])
            .arg(format!("-ldflags=-s -w {linker}"))
            .arg("-o")
            .arg(program)
            .arg(package)
            .envs([("CGO_ENABLED", "0"), ("GOTOOLCHAIN", "local")])
            .current_dir(module),
    )
    .map(drop)
}

/// The twin of the SDK's example `conformance`, a provider in Go with terraform-plugin-framework: built
/// once for each state of its sources.
pub fn twin() -> Result<PathBuf> {
    let module = package_dir().join("../../crates/tfplugin/benches/go-provider");
    let mut sources = Vec::new();
    for entry in fs::read_dir(&module).context("the sources of the Go provider are not there")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("go.") || name.ends_with(".go") {
            sources.push((name, fs::read(&path)?));
        }
    }
    sources.sort();
    let parts: Vec<&[u8]> =
        sources.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_slice()]).collect();
    let dir = cache::entry(&format!("go-provider-{}", cache::key(&parts)), |dir| {
        announce("building the Go provider (once; about a minute)");
        build(&module, ".", "", &dir.join("terraform-provider-conformance"))
    })?;
    Ok(dir.join("terraform-provider-conformance"))
}

/// A Go that is new enough for the modules: the one on PATH, or PyPI's.
fn go() -> Result<PathBuf> {
    let asked = output(Command::new("go").args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local"));
    if asked.is_ok_and(|version| new_enough(version.trim())) {
        return Ok("go".into());
    }
    let environment = Environment::with("tofu/requirements.txt")?;
    let bin = environment.python.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(bin.join("go"))
}

/// Whether `go1.26.8` is at least the 1.26.6 that OpenTofu's go.mod asks for.
fn new_enough(version: &str) -> bool {
    let numbers: Vec<u32> =
        version.trim_start_matches("go").split('.').map_while(|part| part.parse().ok()).collect();
    numbers >= vec![1, 26, 6]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_versions_compare_by_number() {
        assert!(new_enough("go1.26.8"));
        assert!(new_enough("go1.27.0"));
        assert!(!new_enough("go1.26.5"));
        assert!(!new_enough("go1.9.9"));
        assert!(!new_enough("devel"));
    }
}
