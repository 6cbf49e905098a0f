//! Configurations that a CLI generates for what it imports.

use anyhow::Result;
use fleet_acceptance::{Cli, each_cli};

use crate::provider::{hcl, sandbox};

each_cli!(a_configuration_is_generated);

/// Asks the provider for the configuration. The others make one of the state, with everything that can be configured,
/// and know nothing of defaults.
fn asks_the_provider(cli: Cli) -> bool {
    cli == Cli::Terraform1_15
}

fn a_configuration_is_generated(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox
        .hcl_whole(&hcl("import {\n  to = conformance_identified.near\n  id = \"eu/a\"\n}\n\n\
         import {\n  to = conformance_identified.far\n  id = \"us/b\"\n}\n"))?;
    sandbox.try_plan(&["-generate-config-out=generated.tf"])?.success()?;
    let generated = sandbox.read("work/generated.tf")?;
    let has = |line: &str| {
        generated
            .lines()
            .any(|found| found.split_whitespace().collect::<Vec<_>>().join(" ") == line)
    };
    assert!(has("name = \"a\"") && has("name = \"b\"") && has("region = \"us\""), "{generated}");
    assert!(!generated.contains(" id "), "what is computed:\n{generated}");
    assert_eq!(has("region = \"eu\""), !asks_the_provider(cli), "the default:\n{generated}");
    // What was generated is what is there.
    sandbox.apply()?;
    sandbox.assert_unchanged()
}
