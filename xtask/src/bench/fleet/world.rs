//! An emulated organization, the released provider, metered, and the CLI between them.

use anyhow::{Result, ensure};
use fleet_acceptance::{Cli, Emulator, Run, Workspace};
use serde_json::json;
use tempfile::TempDir;

use crate::bench::meter::{Meter, Metered};
use crate::bench::subject::Program;

/// Terraform 1.15.5 is a library inside of Python here, and OpenTofu makes the same calls.
const CLI: Cli = Cli::Terraform1_11;

/// Accounts of one resource block. Terraform copies what it knows of a whole block for each instance in it, so that
/// thousands in one would measure Terraform.
pub(crate) const BLOCK: u32 = 100;

/// OUs below the root; the accounts are in the first.
pub(crate) const UNITS: u32 = 5;

/// Where accounts are vended and refreshed.
pub(crate) struct World {
    pub(crate) workspace: Workspace,
    meter: Meter,
    // The script that stands for the provider.
    _script: TempDir,
}

impl World {
    /// An organization with OUs and no accounts, in the emulated AWS with these settings.
    pub(crate) fn new(provider: &Program, settings: &[&str]) -> Result<Self> {
        let script = tempfile::tempdir()?;
        let path = script.path().join("provider");
        let meter = Meter::place(&provider.path, &path)?;
        let workspace = Workspace::with_provider(CLI, &path, settings)?;
        let aws = &workspace.aws;
        let roots = aws.call("organizations", "list_roots", &json!({}))?;
        for number in 0..UNITS {
            let unit = json!({"ParentId": roots["Roots"][0]["Id"], "Name": unit(number)});
            aws.call("organizations", "create_organizational_unit", &unit)?;
        }
        Ok(Self { workspace, meter, _script: script })
    }

    /// What stands for AWS.
    pub(crate) fn emulator(&self) -> Result<&Emulator> {
        self.workspace.aws.emulator()
    }

    /// Asks for `count` accounts with the keys of [`key`], in a provider block with `setting` in it.
    pub(crate) fn ask_for(&self, count: u32, setting: &str) -> Result<()> {
        let inventory = self.workspace.file("inventory");
        let inventory = inventory.display();
        let blocks: String =
            (0..count.div_ceil(BLOCK)).map(|number| block(number, count)).collect();
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
{blocks}"#
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

/// The resource block with this number, of as many as `count` accounts need.
fn block(number: u32, count: u32) -> String {
    let (from, to) = (number * BLOCK, count.min((number + 1) * BLOCK));
    format!(
        r#"
resource "fleet_account" "{name}" {{
  for_each            = toset([for number in range({from}, {to}) : format("account-%04d", number)])
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
  parent              = "{parent}"
  controls            = {{ organization-policies = "own" }}
}}
"#,
        name = block_name(number),
        parent = unit(0)
    )
}

/// The name of the resource block with this number.
pub(crate) fn block_name(number: u32) -> String {
    format!("block_{number}")
}

/// The name of an OU.
fn unit(number: u32) -> String {
    format!("unit-{number}")
}

/// The key, and the name, of an account.
pub(crate) fn key(number: u32) -> String {
    format!("account-{number:04}")
}
