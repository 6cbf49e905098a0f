//! A sandbox with our provider and an AWS.

use std::fs;
use std::ops::Deref;
use std::path::Path;

use anyhow::Result;

use crate::aws::Aws;
use crate::backend::Backend;
use crate::cli::Cli;
use crate::provider;
use crate::sandbox::Sandbox;
use crate::wired;

/// How fast the emulated AWS is in tests, where its slowness is not what they are about.
const BRISK: [&str; 4] =
    ["create_seconds=0.1", "role_seconds=0", "region_seconds=0.1", "close_seconds=0.1"];

/// A fresh directory with the built provider, an empty inventory and an AWS organization of its own. What a
/// CLI does in it is in [`Sandbox`].
#[derive(Debug)]
pub struct Workspace {
    /// The AWS it talks to.
    pub aws: Aws,
    sandbox: Sandbox,
}

impl Workspace {
    /// One with an AWS that is quick.
    pub fn new(cli: Cli) -> Result<Self> {
        Self::with_aws(cli, &BRISK)
    }

    /// One whose emulated AWS has these settings. Beside `work`, where the CLI runs, it has `inventory` and
    /// `artifacts` for the provider.
    pub fn with_aws(cli: Cli, settings: &[&str]) -> Result<Self> {
        Self::with_provider(cli, &provider::binary()?, settings)
    }

    /// The same with this program as the provider.
    pub fn with_provider(cli: Cli, program: &Path, settings: &[&str]) -> Result<Self> {
        Self::assemble(cli, program, Aws::start(settings)?)
    }

    /// One on this backend, whatever `FLEET_TEST_AWS` asks for.
    pub fn on(cli: Cli, backend: Backend) -> Result<Self> {
        Self::assemble(cli, &provider::binary()?, Aws::start_on(backend, &[])?)
    }

    fn assemble(cli: Cli, program: &Path, aws: Aws) -> Result<Self> {
        let sandbox =
            Sandbox::new(cli, &[("fleet-iac/fleet", program)])?.with_variables(aws.variables());
        if wired::vendor().is_some() {
            // Where a release has it, so that the provider's own lock pins it.
            let beside = sandbox.file("plugin/fleet/fleet-vending-aws");
            provider::link(&provider::binary()?.with_file_name("fleet-vending-aws"), &beside)?;
        }
        for folder in ["inventory", "artifacts"] {
            fs::create_dir(sandbox.file(folder))?;
        }
        Ok(Self { aws, sandbox })
    }

    /// The same, with these variables in the environment of every command of the CLI.
    #[must_use]
    pub fn with_variables(self, variables: &[(&str, &str)]) -> Self {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { sandbox: self.sandbox.with_variables(owned.collect()), ..self }
    }

    /// Makes `text` the whole configuration, with a provider block whose `managed_by` is `acceptance`.
    pub fn hcl(&self, text: &str) -> Result<()> {
        self.hcl_as("acceptance", text)
    }

    /// The same for another manager.
    pub fn hcl_as(&self, manager: &str, text: &str) -> Result<()> {
        let inventory = self.file("inventory");
        let head = format!(
            "terraform {{\n  required_providers {{\n    fleet = {{ source = \"fleet-iac/fleet\" }}\n  }}\n}}\n\n\
             provider \"fleet\" {{\n  managed_by = \"{manager}\"\n  region     = \"us-east-1\"\n\n  inventory {{\n    path = \"{}\"\n  }}\n{}}}\n\n",
            inventory.display(),
            wired::block(&self.aws.variables())
        );
        self.hcl_whole(&format!("{head}{text}"))
    }
}

impl Deref for Workspace {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}
