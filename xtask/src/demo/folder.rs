//! A copy of the practice lab to play with, and a CLI configuration that finds the built provider.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::cargo;

/// Where the demo plays.
pub(crate) struct Lab {
    /// The copy of examples/terraform/practice-lab.
    pub(crate) directory: PathBuf,
    /// The CLI configuration.
    pub(crate) configuration: PathBuf,
}

/// Lays everything out below `target/demo`, anew each time: the organization is new, too.
pub(crate) fn prepare(provider: &Path) -> Result<Lab> {
    let base = cargo::build_dir()?.parent().context("no target directory")?.join("demo");
    if base.exists() {
        fs::remove_dir_all(&base)
            .with_context(|| format!("{} cannot be removed", base.display()))?;
    }
    let directory = base.join("practice-lab");
    copy(&cargo::root().join("examples/terraform/practice-lab"), &directory)?;
    let mirror = base.join("mirror");
    fleet_acceptance::mirror(provider, &mirror, env!("CARGO_PKG_VERSION"))?;
    let configuration = base.join("cli.tfrc");
    fs::write(
        &configuration,
        format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        ),
    )?;
    Ok(Lab { directory, configuration })
}

/// Copies a folder, without what an earlier run by hand left in it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text.starts_with(".terraform") || text.contains(".tfstate") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(&name))?;
        } else {
            fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_leaves_state_behind() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let from = dir.path().join("from");
        for file in [
            "main.tf",
            "inventory/.gitkeep",
            ".terraform/x",
            "terraform.tfstate",
            ".terraform.lock.hcl",
        ] {
            let file = from.join(file);
            fs::create_dir_all(file.parent().context("no parent")?)?;
            fs::write(file, "")?;
        }
        let to = dir.path().join("to");
        copy(&from, &to)?;
        assert!(to.join("main.tf").exists());
        assert!(to.join("inventory/.gitkeep").exists());
        assert_eq!(fs::read_dir(&to)?.count(), 2);
        Ok(())
    }
}
