//! The provider under test, and configurations for it.

use anyhow::Result;
use fleet_acceptance::{Cli, Sandbox, example, twin};

/// The provider's source address, without a host.
pub(crate) const ADDRESS: &str = "example/conformance";

/// A sandbox with the example provider.
pub(crate) fn sandbox(cli: Cli) -> Result<Sandbox> {
    Sandbox::new(cli, &[(ADDRESS, &example("conformance")?)])
}

/// A sandbox with its twin, which is built with the other SDK.
pub(crate) fn twin_sandbox(cli: Cli) -> Result<Sandbox> {
    Sandbox::new(cli, &[(ADDRESS, &twin()?)])
}

/// `text` with what has to stand before it.
pub(crate) fn hcl(text: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    conformance = {{ source = \"{ADDRESS}\" }}\n  }}\n}}\n\n{text}"
    )
}
