//! An inventory that is kept on a branch of a Git repository: what one machine applies, the next one plans with.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use fleet_acceptance::{Cli, Workspace, one_cli};

use crate::hcl::{all, cluster, fleet, placement};
use crate::inventory;

one_cli!(what_one_machine_applies_the_next_one_plans_with);

fn git(directory: &Path, arguments: &[&str]) -> Result<String> {
    let done = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-C"])
        .arg(directory)
        .args(arguments)
        .output()?;
    let told = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "git {arguments:?}: {told}");
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// A workspace whose copies of repositories are its own, as those of another machine.
fn machine(cli: Cli) -> Result<Workspace> {
    let workspace = Workspace::new(cli)?;
    let caches = workspace.file("caches").display().to_string();
    Ok(workspace.with_variables(&[("XDG_CACHE_HOME", &caches)]))
}

/// Makes `text` the configuration, with an inventory on this branch of a repository.
fn write(workspace: &Workspace, remote: &Path, branch: &str, text: &str) -> Result<()> {
    workspace.hcl_whole(&format!(
        "terraform {{\n  required_providers {{\n    fleet = {{ source = \"fleet-iac/fleet\" }}\n  }}\n}}\n\n\
         provider \"fleet\" {{\n  managed_by = \"acceptance\"\n  region     = \"us-east-1\"\n\n  inventory {{\n    git {{\n      \
         url    = \"file://{}\"\n      branch = \"{branch}\"\n      path   = \"inventory\"\n    }}\n  }}\n}}\n\n{text}",
        remote.display()
    ))
}

fn what_one_machine_applies_the_next_one_plans_with(cli: Cli) -> Result<()> {
    let (first, second) = (machine(cli)?, machine(cli)?);
    let remote = first.file("remote.git");
    let clusters = all(&[&cluster("c1", "shop"), &cluster("c2", "shop"), &cluster("c3", "shop")]);
    write(&first, &remote, "main", &clusters)?;
    first.try_plan(&[])?.failure()?.error("FLEET0600")?;
    git(first.path(), &["init", "-q", "--bare", "-b", "main", &remote.display().to_string()])?;
    first.try_plan(&[])?.failure()?.error("FLEET0601")?;
    let seed = first.file("inventory");
    inventory::account(&first, "shop", true)?;
    let seeds = |directory: &Path| -> Result<()> {
        git(directory, &["add", "-A"])?;
        git(directory, &["commit", "-qm", "by hand"])?;
        git(directory, &["push", "-q", &remote.display().to_string(), "HEAD:main"]).map(drop)
    };
    // The folder of the branch is `inventory`.
    let top = first.file("seed");
    fs::create_dir(&top)?;
    git(&top, &["init", "-q", "-b", "main"])?;
    fs::write(top.join("README"), "a fleet")?;
    seeds(&top)?;
    first.try_plan(&[])?.failure()?.error("FLEET0601")?;
    fs::create_dir_all(top.join("inventory/accounts"))?;
    fs::copy(seed.join("accounts/shop.yaml"), top.join("inventory/accounts/shop.yaml"))?;
    seeds(&top)?;

    first.apply()?;
    first.assert_unchanged()?;
    let log = || git(&remote, &["log", "--format=%an: %s%n%b", "main"]);
    let said = log()?;
    for name in ["c1", "c2", "c3"] {
        ensure!(said.contains(&format!("write clusters/{name}.yaml")), "{said}");
    }
    ensure!(said.contains("terraform-provider-fleet: Inventory: clusters "), "{said}");
    ensure!(said.contains("Managed-by: acceptance"), "{said}");

    // A second machine places on what the first one registered, and registers one more.
    let placed = all(&[
        &fleet(&["c4"]),
        &cluster("c4", "shop"),
        &placement("web").set("strategy", "{ count = 4 }"),
    ]);
    write(&second, &remote, "main", &placed)?;
    second.apply()?;
    second.assert_unchanged()?;
    let state = second.state()?;
    let web = state.resource("fleet_placement.web")?;
    assert_eq!(web.values["targets"].as_object().map(|of| of.len()), Some(4), "{web:?}");
    first.assert_unchanged()?;

    // A change by hand is undone, and one that the repository refuses is told and tried again.
    let tree = first.file("tree");
    git(
        first.path(),
        &["clone", "-q", &remote.display().to_string(), &tree.display().to_string()],
    )?;
    let file = tree.join("inventory/clusters/c1.yaml");
    let before = fs::read_to_string(&file)?;
    fs::write(&file, before.replace("ap-southeast-1", "eu-west-1"))?;
    seeds(&tree)?;
    assert_eq!(first.plan()?.actions["fleet_cluster_registration.c1"], "update");
    let hook = remote.join("hooks/pre-receive");
    fs::create_dir_all(remote.join("hooks"))?;
    fs::write(&hook, "#!/bin/sh\necho this branch is protected >&2\nexit 1\n")?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755))?;
    }
    let run = first.try_apply(&[])?.failure()?;
    let told = &run.error("FLEET0602")?.detail;
    ensure!(told.contains("this branch is protected"), "{told}");
    fs::remove_file(&hook)?;
    first.apply()?;
    first.assert_unchanged()?;
    assert_eq!(git(&remote, &["show", "main:inventory/clusters/c1.yaml"])?, before.trim());

    // A step that nothing undoes is taken on the branch as it is.
    let retired = cluster("c3", "shop").text("lifecycle_state", "retired");
    write(
        &first,
        &remote,
        "main",
        &all(&[&cluster("c1", "shop"), &cluster("c2", "shop"), &retired]),
    )?;
    first.apply()?;
    write(&first, &remote, "main", &all(&[&cluster("c1", "shop"), &cluster("c2", "shop")]))?;
    first.apply()?;
    let files = git(&remote, &["ls-tree", "-r", "--name-only", "main", "inventory/clusters"])?;
    let names: Vec<&str> = files.lines().filter_map(|of| of.rsplit('/').next()).collect();
    assert_eq!(names, ["c1.yaml", "c2.yaml", "c4.yaml"]);
    git(&remote, &["cat-file", "-e", "main:README"])?;
    Ok(())
}
