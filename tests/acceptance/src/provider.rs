//! The built providers: where they are, and how a CLI is told to use one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The name of the program.
const NAME: &str = "terraform-provider-fleet";

/// The hosts that a source without a host means: Terraform's and OpenTofu's.
const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// The provider's program: `FLEET_PROVIDER`, else the one that cargo built beside this test.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = env::var_os("FLEET_PROVIDER") {
        let path = PathBuf::from(path);
        return path
            .canonicalize()
            .with_context(|| format!("FLEET_PROVIDER names {}", path.display()));
    }
    built(NAME, &format!("cargo build -p {NAME}"))
}

/// The program of an example of `tfplugin` that cargo built beside this test.
pub fn example(name: &str) -> Result<PathBuf> {
    built(&format!("examples/{name}"), &format!("cargo build -p tfplugin --example {name}"))
}

/// The program of an example of another `package` that cargo built beside this test.
pub fn example_of(package: &str, name: &str) -> Result<PathBuf> {
    built(&format!("examples/{name}"), &format!("cargo build -p {package} --example {name}"))
}

/// What cargo built into the directory of this test's profile, and how it is built.
fn built(name: &str, command: &str) -> Result<PathBuf> {
    let test = env::current_exe()?;
    // target/debug/deps/it-0123456789abcdef
    let Some(built) = test.parent().and_then(Path::parent).map(|profile| profile.join(name)) else {
        bail!("{} is in no target directory", test.display());
    };
    if !built.is_file() {
        bail!("there is no {}: run `{command}` (`cargo xtask test` does)", built.display());
    }
    Ok(built)
}

/// Puts the program of the provider with this source address into a directory of its own below `dir`, under
/// the name that a CLI looks for; gives that directory.
pub(crate) fn place(address: &str, program: &Path, dir: &Path) -> Result<PathBuf> {
    let name = address.rsplit('/').next().unwrap_or(address);
    let dir = dir.join(name);
    fs::create_dir_all(&dir)?;
    link(program, &dir.join(format!("terraform-provider-{name}")))?;
    Ok(dir)
}

/// A link where that works, else a copy. A link of its own shows up in the list of processes, which
/// is how a test finds the provider of its own workspace.
pub(crate) fn link(from: &Path, to: &Path) -> Result<()> {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to)?;
    }
    Ok(())
}

/// Lays out `provider` below `dir` as a filesystem mirror for both registries, so that `init` works.
pub fn mirror(provider: &Path, dir: &Path, version: &str) -> Result<()> {
    let platform = format!("{}_{}", operating_system(), architecture());
    for registry in REGISTRIES {
        let package = dir.join(registry).join("fleet-iac/fleet").join(version).join(&platform);
        fs::create_dir_all(&package)?;
        let program = package.join(format!("{NAME}_v{version}"));
        if program.exists() {
            fs::remove_file(&program)?;
        }
        link(provider, &program)?;
    }
    Ok(())
}

/// The operating system in Go's words.
fn operating_system() -> &'static str {
    match env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// The architecture in Go's words.
fn architecture() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_serves_both_registries() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let program = dir.path().join("built");
        fs::write(&program, "x")?;
        let mirrored = dir.path().join("mirror");
        for _ in 0..2 {
            mirror(&program, &mirrored, "0.1.0")?;
        }
        for registry in REGISTRIES {
            let package = mirrored.join(registry).join(format!(
                "fleet-iac/fleet/0.1.0/{}_{}",
                operating_system(),
                architecture()
            ));
            assert!(package.join("terraform-provider-fleet_v0.1.0").is_file());
        }
        Ok(())
    }
}
