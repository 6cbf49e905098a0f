//! Placements that are renamed, forgotten or tainted past the plan that would have compared old and new.

use std::fs;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};

use crate::hcl::{Block, all, cluster, fleet, placement};
use crate::inventory;

each_cli!(what_no_plan_shows_to_go_stays);

one_cli!(
    a_block_that_is_renamed_under_target_is_told_by_the_next_plan,
    a_limit_of_the_run_that_is_not_known_is_told,
);

const REGIONS: [(&str, &str); 3] =
    [("c1", "ap-southeast-1"), ("c2", "ap-southeast-3"), ("c3", "ap-northeast-1")];

/// Three clusters, the first of `tainted` with a taint, and these blocks.
fn with(tainted: &[&str], blocks: &[&dyn std::fmt::Display]) -> String {
    let clusters = REGIONS.map(|(name, region)| {
        let block = cluster(name, "shop").text("region", region);
        let taints = "[{ key = \"maintenance\", effect = \"NoSelect\" }]";
        if tainted.contains(&name) { block.set("taints", taints) } else { block }.to_string()
    });
    format!("{}{}{}", clusters.concat(), fleet(&["c1", "c2", "c3"]), all(blocks))
}

fn workspace(cli: Cli) -> Result<Workspace> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    Ok(workspace)
}

/// The workload `web` in a block of this name, which must not move, with its file in `out`.
fn still(block: &str, out: &str) -> Block {
    placement(block)
        .text("app", "web")
        .set("blast_radius", "{ max_added = 0, max_removed = 0 }")
        .set("emit", format!("{{ json = {{ path = \"../artifacts/{out}\" }} }}"))
}

fn moved(from: &str, to: &str) -> String {
    format!("moved {{\n  from = fleet_placement.{from}\n  to   = fleet_placement.{to}\n}}\n\n")
}

/// The only cluster of a placement.
fn target(workspace: &Workspace, name: &str) -> Result<String> {
    let state = workspace.state()?;
    let of = state.resource(&format!("fleet_placement.{name}"))?;
    let targets = of.values["targets"].as_object().context("no targets")?;
    Ok(targets.keys().next().context("no target")?.clone())
}

/// A plan with `-target` does not see the old object; the next whole one sees both. With files in the same
/// directory, and in another one, where they do not hold the targets.
fn a_block_that_is_renamed_under_target_is_told_by_the_next_plan(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    workspace.hcl(&with(&[], &[&still("web", "a")]))?;
    workspace.apply()?;
    let file = |out: &str| workspace.file(&format!("artifacts/{out}/web-prod.json"));
    workspace.hcl(&with(&[], &[&still("w2", "a")]))?;
    workspace.try_apply(&["-target=fleet_placement.w2"])?.success()?.warning("FLEET0157")?;
    for more in [&[][..], &["-refresh=false"]] {
        let error = workspace.try_plan(more)?.failure()?;
        assert!(error.error("FLEET0431")?.detail.contains("`web-prod`"), "{error}");
    }
    workspace.try_apply(&[])?.failure()?.error("FLEET0431")?;
    assert!(file("a").exists());
    // One way out: the new address goes on.
    workspace.run(&["state", "rm", "fleet_placement.web"])?.success()?;
    workspace.assert_unchanged()?;
    assert!(file("a").exists());

    // Its cluster is full, and the files are elsewhere: it chose another one.
    let before = target(&workspace, "w2")?;
    workspace.hcl(&with(&[&before], &[&still("w3", "b")]))?;
    workspace.try_apply(&["-target=fleet_placement.w3"])?.success()?;
    assert_ne!(target(&workspace, "w3")?, before);
    workspace.hcl(&with(&[], &[&still("w3", "b")]))?;
    let told = workspace.try_plan(&[])?.failure()?;
    assert!(told.error("FLEET0431")?.detail.contains(&format!("`{before}`")), "{told}");
    // The other way out: the old targets come back, under the new address.
    workspace.run(&["state", "rm", "fleet_placement.w3"])?.success()?;
    workspace.hcl(&with(&[], &[&still("w3", "a"), &moved("w2", "w3")]))?;
    workspace.apply()?;
    assert_eq!(target(&workspace, "w3")?, before);
    assert!(file("a").exists());
    workspace.assert_unchanged()
}

/// Core asks for no plan of what it forgets, nor of a tainted object that it replaces.
fn what_no_plan_shows_to_go_stays(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    workspace.hcl(&with(&[], &[&still("web", "a")]))?;
    workspace.apply()?;
    let file = workspace.file("artifacts/a/web-prod.json");
    let before = fs::read_to_string(&file)?;

    let forgotten =
        "removed {\n  from = fleet_placement.web\n  lifecycle {\n    destroy = false\n  }\n}\n\n";
    let other = still("w2", "a").text("key", "other");
    workspace.hcl(&with(&[], &[&other, &forgotten]))?;
    let told = workspace.try_plan(&[])?.success()?;
    assert!(told.warning("FLEET0432")?.detail.contains("`web-prod`"), "{told}");

    workspace.hcl(&with(&[], &[&still("web", "a").text("key", "other")]))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0410")?;
    workspace.run(&["taint", "fleet_placement.web"])?.success()?;
    let told = workspace.try_apply(&[])?.failure()?;
    told.warning("FLEET0432")?;
    told.error("FLEET0424")?;
    assert_eq!(fs::read_to_string(&file)?, before);
    assert_eq!(workspace.state()?.resource("fleet_placement.web")?.string("key")?, "web-prod");
    workspace.run(&["untaint", "fleet_placement.web"])?.success()?;
    workspace.hcl(&with(&[], &[&still("web", "a")]))?;
    workspace.assert_unchanged()?;

    // What a plan has shown goes, with its files.
    workspace.hcl(&with(&[], &[]))?;
    workspace.apply()?;
    assert!(!file.exists());
    Ok(())
}

fn a_limit_of_the_run_that_is_not_known_is_told(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    let write = |tainted: &[&str], pending: &str| -> Result<()> {
        let input =
            format!("resource \"terraform_data\" \"limit\" {{\n  input = 0\n  {pending}\n}}\n\n");
        workspace.hcl(&with(tainted, &[&placement("web"), &input]))?;
        let whole = workspace.read("work/main.tf")?;
        let limit = "  blast_radius {\n    max_targets_removed = terraform_data.limit.output\n  }\n\n  inventory {\n";
        workspace.hcl_whole(&whole.replacen("  inventory {\n", limit, 1))
    };
    write(&[], "")?;
    workspace.apply()?;
    let victim = target(&workspace, "web")?;
    write(&[&victim], "")?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0429")?;
    // What the limit comes from is replaced in the same run.
    write(&[&victim], "triggers_replace = 1")?;
    let told = workspace.try_plan(&[])?.success()?;
    assert!(told.warning("FLEET0433")?.detail.contains("max_targets_removed"), "{told}");
    workspace.apply_saved()?.failure()?.error("FLEET0429")?;
    assert_eq!(target(&workspace, "web")?, victim);
    Ok(())
}
