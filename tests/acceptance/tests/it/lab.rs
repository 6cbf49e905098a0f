//! The examples, as a user runs them: `init` from a mirror, then plan, apply and their own tests.

use std::fs;
use std::path::Path;

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, binary, each_cli, mirror, one_cli, package_dir};

each_cli!(the_quickstart_is_applied, the_practice_lab_keeps_its_promises);

one_cli!(
    the_examples_of_the_pages_work_together,
    the_lab_asks_for_addresses_and_can_be_played_with
);

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
    // What an example has no default for: where the mail for root users goes.
    let email = "email = \"aws+shop-prod@lab.invalid\"\n";
    let format = "email_format = \"aws+%s@lab.invalid\"\n";
    let given = if name == "quickstart" { email } else { format };
    workspace.write("work/email.auto.tfvars", given)?;
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

/// Who copies the examples of the resources' pages into one file gets an account that is ready, a cluster that is
/// admitted on it, and a placement there.
fn the_examples_of_the_pages_work_together(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let mut text = String::new();
    for kind in ["organizational_unit", "account", "cluster_registration", "placement"] {
        let file = format!("../../examples/resources/fleet_{kind}/resource.tf");
        text.push_str(&fs::read_to_string(package_dir().join(file))?);
    }
    // The page of the provider calls the configuration so, and the tests call theirs so.
    workspace.hcl(&text.replace("platform/accounts", "acceptance"))?;
    let applied = workspace.try_apply(&[])?.success()?;
    assert_eq!(applied.warnings().count(), 0, "{applied}");
    let state = workspace.state()?;
    let account = state.resource("fleet_account.payments_prod")?;
    assert_eq!(account.values["ready"], true, "{}", account.values["status_reason"]);
    let targets = &state.resource("fleet_placement.payments_api")?.values["targets"];
    assert_eq!(targets.as_object().map(serde_json::Map::len), Some(1), "{targets}");
    workspace.assert_unchanged()
}

/// What the lab's README says can be tried, tried.
fn the_lab_asks_for_addresses_and_can_be_played_with(cli: Cli) -> Result<()> {
    let workspace = example(cli, "practice-lab")?;
    let plan = |workspace: &Workspace| workspace.run(&["plan", "-no-color", "-input=false"]);
    fs::remove_file(workspace.file("work/email.auto.tfvars"))?;
    let refused = plan(&workspace)?.failure()?;
    assert!(format!("{refused}").contains("email_format"), "{refused}");
    let given = |format: &str| {
        workspace.write("work/given.auto.tfvars", &format!("email_format = \"{format}\"\n"))
    };
    given("aws+%s@example.com")?;
    let refused = plan(&workspace)?.failure()?;
    assert!(format!("{refused}").contains("your own domain"), "{refused}");
    given("aws+%s@lab.invalid")?;

    // The tests that make accounts do so in the emulated organization alone.
    let elsewhere =
        workspace.read("work/tests/apply.tftest.hcl")?.replace("123456789012", "111122223333");
    workspace.write("work/tests/apply.tftest.hcl", &elsewhere)?;
    let run = workspace.run(&["test", "-no-color", "-filter=tests/apply.tftest.hcl"])?.failure()?;
    assert!(format!("{run}").contains("FLEET"), "{run}");
    let accounts = workspace.aws.call("organizations", "list_accounts", &serde_json::json!({}))?;
    assert_eq!(accounts["Accounts"].as_array().map(Vec::len), Some(1), "{accounts}");

    workspace.run(&["apply", "-no-color", "-input=false", "-auto-approve"])?.success()?;
    let moved = workspace
        .run(&["plan", "-no-color", "-input=false", "-var", "maintenance=[\"tokyo\"]"])?
        .success()?;
    assert!(moved.stdout.contains("-tokyo"), "{moved}");
    let placements = workspace.read("work/placements.tf")?;
    let three = placements.replacen(
        "mode = null, count = 1, min_regions = 1",
        "mode = null, count = 3, min_regions = 1",
        1,
    );
    workspace.write("work/placements.tf", &three)?;
    plan(&workspace)?.success()?;
    let four = placements.replace(
        "prod    = { clusters = \"prod\", mode = \"active-active\", count = 2, min_regions = 2 }",
        "prod    = { clusters = \"prod\", mode = \"active-active\", count = 4, min_regions = 4 }",
    );
    assert_ne!(four, placements);
    workspace.write("work/placements.tf", &four)?;
    let refused = plan(&workspace)?.failure()?;
    assert!(format!("{refused}").contains("nonprod-shared-jakarta"), "{refused}");
    Ok(())
}
