//! An emulated organization, the released provider, metered, and the CLI between them.

use anyhow::{Result, ensure};
use fleet_acceptance::{Cli, Emulator, Run, Workspace};
use tempfile::TempDir;

use crate::bench::meter::{Meter, Metered};
use crate::bench::subject::Program;

/// Terraform 1.15.5 is a library inside of Python here, and OpenTofu makes the same calls.
const CLI: Cli = Cli::Terraform1_11;

/// The name of the only resource.
pub(crate) const RESOURCE: &str = "fleet_account.this";

/// Where accounts are vended and refreshed.
pub(crate) struct World {
    pub(crate) workspace: Workspace,
    meter: Meter,
    // The script that stands for the provider.
    _script: TempDir,
}

impl World {
    /// An empty organization with these settings of the emulated AWS.
    pub(crate) fn new(provider: &Program, settings: &[&str]) -> Result<Self> {
        let script = tempfile::tempdir()?;
        let path = script.path().join("provider");
        let meter = Meter::place(&provider.path, &path)?;
        let workspace = Workspace::with_provider(CLI, &path, settings)?;
        Ok(Self { workspace, meter, _script: script })
    }

    /// What stands for AWS.
    pub(crate) fn emulator(&self) -> Result<&Emulator> {
        self.workspace.aws.emulator()
    }

    /// Asks for `count` accounts with the keys of [`key`], in a provider block with `setting` in it.
    pub(crate) fn ask_for(&self, count: u32, setting: &str) -> Result<()> {
        let inventory = self.workspace.file("inventory");
        self.workspace.hcl_whole(&format!(
            r#"terraform {{
  required_providers {{
    fleet = {{ source = "fleet-iac/fleet" }}
  }}
}}

provider "fleet" {{
  managed_by = "bench"
  region     = "us-east-1"
  {setting}

  inventory {{
    path = "{inventory}"
  }}
}}

locals {{
  keys = [for pair in setproduct(range(ceil({count} / 100)), range(100)) : format("account-%04d", pair[0] * 100 + pair[1])]
}}

resource "fleet_account" "this" {{
  for_each            = toset(slice(local.keys, 0, {count}))
  name                = each.key
  email               = "aws+${{each.key}}@example.com"
  account_class       = "sandbox"
  environment         = "dev"
  owner               = "platform"
  data_classification = "internal"
  region_set          = ["ap-southeast-1"]
  network_profile     = "private-service"
  baseline_policy     = "sandbox"
  budget_owner        = "platform"
  controls            = {{ organization-policies = "own" }}
}}
"#,
            inventory = inventory.display()
        ))
    }

    /// Runs a command of the CLI: what it said, and what the provider cost.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<(Run, Metered)> {
        let mut said = None;
        let metered = self.meter.of(|| {
            said = Some(self.workspace.run(arguments)?.success()?);
            Ok(())
        })?;
        ensure!(metered.processes > 0, "the provider was not started");
        said.map(|run| (run, metered)).ok_or_else(|| anyhow::anyhow!("the CLI said nothing"))
    }
}

/// The key, and the name, of an account.
pub(crate) fn key(number: u32) -> String {
    format!("account-{number:04}")
}
