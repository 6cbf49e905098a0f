//! The providers of this repository, by source address without a host.

use std::path::{Path, PathBuf};

use anyhow::Result;
use fleet_acceptance::{Cli, Sandbox, binary, example};

/// A provider: its address and its program.
#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) address: &'static str,
    pub(crate) program: PathBuf,
}

impl Provider {
    /// The product.
    pub(crate) fn fleet() -> Result<Self> {
        Ok(Self { address: "fleet-iac/fleet", program: binary()? })
    }

    /// The SDK's example that uses everything.
    pub(crate) fn conformance() -> Result<Self> {
        Ok(Self { address: "example/conformance", program: example("conformance")? })
    }

    /// The SDK's example that a newcomer reads first.
    pub(crate) fn example() -> Result<Self> {
        Ok(Self { address: "example/example", program: example("terraform-provider-example")? })
    }

    /// All of them.
    pub(crate) fn all() -> Result<[Self; 3]> {
        Ok([Self::fleet()?, Self::conformance()?, Self::example()?])
    }

    /// What a configuration calls it.
    pub(crate) fn name(&self) -> &'static str {
        self.address.rsplit('/').next().unwrap_or(self.address)
    }

    /// The block that a configuration needs to use it.
    pub(crate) fn requirement(&self) -> String {
        format!(
            "terraform {{\n  required_providers {{\n    {} = {{ source = \"{}\" }}\n  }}\n}}\n",
            self.name(),
            self.address
        )
    }
}

/// A sandbox with these providers.
pub(crate) fn sandbox(cli: Cli, providers: &[Provider]) -> Result<Sandbox> {
    let pairs: Vec<(&str, &Path)> =
        providers.iter().map(|provider| (provider.address, provider.program.as_path())).collect();
    Sandbox::new(cli, &pairs)
}
