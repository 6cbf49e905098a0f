//! The examples, as a user runs them: `init` from a mirror, then plan, apply and their own tests.

use std::fs;
use std::path::Path;

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, binary, each_cli, mirror, package_dir};

each_cli!(the_quickstart_is_applied, the_practice_lab_keeps_its_promises);

/// A workspace with a copy of an example, initialised from a mirror.
fn example(cli: Cli, name: &str) -> Result<Workspace> {
    let workspace = Workspace::with_aws(
        cli,
        &["create_seconds=0.2", "role_seconds=0.1", "region_seconds=0.2"],
    )?;
    example_in(&workspace, name)?;
    Ok(workspace)
}

/// Copies an example into a workspace and initialises it from a mirror.
pub(crate) fn example_in(workspace: &Workspace, name: &str) -> Result<()> {
    copy(&package_dir().join("../../examples/terraform").join(name), &workspace.file("work"))?;
    let packages = workspace.file("mirror");
    mirror(&binary()?, &packages, env!("CARGO_PKG_VERSION"))?;
    let installation = format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
        packages.display()
    );
    workspace.write("cli.tfrc", &installation)?;
    workspace.run(&["init", "-no-color"])?.success()?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(".terraform")
            || name.to_string_lossy().contains(".tfstate")
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(name))?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

fn the_quickstart_is_applied(cli: Cli) -> Result<()> {
    let workspace = example(cli, "quickstart")?;
    workspace.apply()?;
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.shop")?.values["ready"], true);
    assert_eq!(state.resource("fleet_cluster_registration.shop")?.values["admitted"], true);
    let targets = &state.resource("fleet_placement.web")?.values["targets"];
    assert_eq!(targets["prod-shop-singapore"]["region"], "ap-southeast-1", "{targets}");
    workspace.assert_unchanged()
}

fn the_practice_lab_keeps_its_promises(cli: Cli) -> Result<()> {
    let workspace = example(cli, "practice-lab")?;
    let run = workspace.run(&["test", "-no-color", "-filter=tests/plan.tftest.hcl"])?.success()?;
    assert!(run.stdout.contains("Success!"), "{run}");
    let run = workspace.run(&["test", "-no-color", "-filter=tests/apply.tftest.hcl"])?.success()?;
    assert!(run.stdout.contains("Success!"), "{run}");
    workspace.wait_for_no_provider()
}
