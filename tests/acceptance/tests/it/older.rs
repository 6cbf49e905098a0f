//! Files of the inventory that began anew: refused, acknowledged once, and forgotten.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Diagnostic, Workspace, one_cli};

use crate::hcl::{account, all, cluster, fleet, placement};

one_cli!(an_older_file_is_acknowledged_once);

const FILE: &str = "inventory/accounts/shop.yaml";

/// A configuration with these fingerprints in the `inventory` block of the provider.
fn acknowledging(workspace: &Workspace, fingerprints: &[&str], text: &str) -> Result<()> {
    workspace.hcl(text)?;
    let whole = workspace.read("work/main.tf")?;
    let listed = format!("  inventory {{\n    acknowledge = {fingerprints:?}\n");
    let changed = whole.replacen("  inventory {\n", &listed, 1);
    assert_ne!(changed, whole);
    workspace.hcl_whole(&changed)
}

/// The fingerprint that the text of an error shows, after `before`.
fn fingerprint(error: &Diagnostic, before: &str) -> Result<String> {
    let rest = error.detail.split(before).nth(1);
    let rest = rest.with_context(|| format!("no fingerprint in: {error}"))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

/// An account that was let go and vended anew has a file that begins again: what was seen of it is newer.
/// The registration asks for its fingerprint in the provider block, the placement for one of its own.
fn an_older_file_is_acknowledged_once(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let vended =
        all(&[&account("shop"), &cluster("c1", "shop").set("account", "fleet_account.shop.key")]);
    workspace.hcl(&vended)?;
    workspace.apply()?;
    let first = workspace.read(FILE)?;
    let placed = |acknowledge: &str| {
        let limits = format!("{{ max_removed = 1{acknowledge} }}");
        all(&[&fleet(&["c1"]), &placement("web").set("blast_radius", limits)])
    };
    let changed = account("shop").text("budget_owner", "shop");
    let inside = cluster("c1", "shop").set("account", "fleet_account.shop.key");
    workspace.hcl(&all(&[&changed, &inside, &placed("")]))?;
    workspace.apply()?;
    workspace.assert_unchanged()?;
    // From here on the account is another configuration's business.
    workspace.run(&["state", "rm", "fleet_account.shop"])?.success()?;
    let with = |acknowledge: &str| all(&[&cluster("c1", "shop"), &placed(acknowledge)]);
    workspace.hcl(&with(""))?;
    workspace.apply()?;
    workspace.write(FILE, &first)?;

    let refused = workspace.try_plan(&[])?.failure()?;
    let error = refused.error("FLEET0318")?;
    assert_eq!(error.address.as_deref(), Some("fleet_cluster_registration.c1"), "{refused}");
    let of_account = fingerprint(error, "then add \"")?;
    acknowledging(&workspace, &["0000000000000000"], &with(""))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0318")?;

    // The placement has seen the newer file, too.
    acknowledging(&workspace, &[&of_account], &with(""))?;
    let refused = workspace.try_plan(&[])?.failure()?;
    let error = refused.error("FLEET0318")?;
    assert_eq!(error.address.as_deref(), Some("fleet_placement.web"), "{refused}");
    let of_placement = fingerprint(error, "acknowledge = \"")?;
    let limits = format!(", acknowledge = \"{of_placement}\"");
    acknowledging(&workspace, &[&of_account], &with(&limits))?;
    let plan = workspace.plan()?;
    for address in ["fleet_cluster_registration.c1", "fleet_placement.web"] {
        assert_eq!(plan.actions[address], "update", "{:?}", plan.actions);
    }
    assert_eq!(plan.after("fleet_placement.web")?["acknowledged"], of_placement.as_str());
    workspace.apply_saved()?.success()?;
    // It was for one apply: neither is asked for again, with the words or without them.
    workspace.assert_unchanged()?;
    workspace.hcl(&with(""))?;
    workspace.assert_unchanged()
}
