//! A folder of HCL with one resource many times over, and the CLI that plans it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use fleet_acceptance::Program as Cli;
use tempfile::TempDir;

use super::meter::{Meter, Metered};
use super::process::cpu_of;
use super::subject::Subject;

/// Where a CLI works. Removed when dropped.
pub(crate) struct Folder<'a> {
    cli: &'a Cli,
    directory: TempDir,
    meter: Option<Meter>,
}

impl<'a> Folder<'a> {
    /// A folder whose state is at `state`, and whose provider, if `subject` has one, the CLI starts as it is.
    pub(crate) fn new(cli: &'a Cli, subject: &Subject<'_>, state: &str) -> Result<Self> {
        let folder = Self::empty(cli)?;
        if let Some(program) = &subject.program {
            let place = folder.provider(subject)?;
            fs::hard_link(&program.path, &place)
                .or_else(|_| fs::copy(&program.path, &place).map(|_| ()))?;
        }
        folder.initialize(subject, state)?;
        Ok(folder)
    }

    /// The same with a provider that is metered.
    pub(crate) fn metered(cli: &'a Cli, subject: &Subject<'_>, state: &str) -> Result<Self> {
        let mut folder = Self::empty(cli)?;
        if let Some(program) = &subject.program {
            let script = folder.provider(subject)?;
            folder.meter = Some(Meter::place(&program.path, &script)?);
        }
        folder.initialize(subject, state)?;
        Ok(folder)
    }

    /// With a place for the files of resources.
    fn empty(cli: &'a Cli) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        fs::create_dir(directory.path().join("files"))?;
        Ok(Self { cli, directory, meter: None })
    }

    /// Where the CLI looks for the provider.
    fn provider(&self, subject: &Subject<'_>) -> Result<PathBuf> {
        let directory = self.path().join("provider");
        fs::create_dir(&directory)?;
        Ok(directory.join(format!("terraform-provider-{}", subject.provider)))
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the configuration of the CLI and sets up the backend, before there is a resource: `init` would ask a
    /// registry for the provider.
    fn initialize(&self, subject: &Subject<'_>, state: &str) -> Result<()> {
        let overrides = match subject.program {
            Some(_) => format!(
                "  dev_overrides {{\n    \"{}\" = \"{}\"\n  }}\n",
                subject.source(),
                self.path().join("provider").display()
            ),
            None => String::new(),
        };
        let configuration = format!("provider_installation {{\n{overrides}  direct {{}}\n}}\n");
        fs::write(self.configuration(), configuration)?;
        let backend =
            format!("terraform {{\n  backend \"http\" {{\n    address = \"{state}\"\n  }}\n}}\n");
        fs::write(self.path().join("backend.tf"), backend)?;
        cpu_of(self.command().args(["init", "-input=false", "-no-color"])).map(|_| ())
    }

    fn configuration(&self) -> PathBuf {
        self.path().join("cli.tfrc")
    }

    /// Asks for what `hcl` says, from now on.
    pub(crate) fn write(&self, subject: &Subject<'_>, hcl: &str) -> Result<()> {
        Ok(fs::write(self.path().join("main.tf"), format!("{}{hcl}", subject.requirement()))?)
    }

    fn command(&self) -> Command {
        let mut command = self.cli.command();
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("TF_") || text.starts_with("TOFU_") {
                command.env_remove(name);
            }
        }
        command.current_dir(self.path()).env("TF_CLI_CONFIG_FILE", self.configuration());
        command
    }

    /// Plans: the CPU of the CLI and of the provider.
    pub(crate) fn plan(&self) -> Result<Duration> {
        cpu_of(self.command().args(["plan", "-input=false", "-no-color"]))
    }

    /// Applies, likewise.
    pub(crate) fn apply(&self) -> Result<Duration> {
        cpu_of(self.command().args(["apply", "-input=false", "-no-color", "-auto-approve"]))
    }

    /// What the provider alone costs while `act` runs.
    ///
    /// # Errors
    /// Also when no provider was started, or it is not metered.
    pub(crate) fn provider_in(
        &self,
        act: impl FnOnce(&Self) -> Result<Duration>,
    ) -> Result<Metered> {
        let meter = self.meter.as_ref().context("there is no provider to meter")?;
        meter.of(|| act(self).map(|_| ()))
    }
}
