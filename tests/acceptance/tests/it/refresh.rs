//! What a refresh costs in each mode of `refresh_readiness`, and what it notices.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, one_cli};
use serde_json::json;

use crate::hcl::{account, all, unit};

one_cli!(
    an_unchanged_fleet_costs_what_the_mode_says,
    what_a_mode_does_not_see_the_next_one_does,
    a_read_ends_when_its_time_is_over,
);

const FLEET: [&str; 3] = ["a", "b", "c"];

/// Makes the fleet the configuration, with this mode.
fn configure(workspace: &Workspace, mode: &str) -> Result<()> {
    let inventory = workspace.file("inventory");
    let mut blocks = unit("prod", "Prod").to_string();
    for key in FLEET {
        blocks += &account(key)
            .set("parent", "fleet_organizational_unit.prod.id")
            .set("tags", "{ team = \"x\" }")
            .to_string();
    }
    workspace.hcl_whole(&format!(
        "terraform {{\n  required_providers {{\n    fleet = {{ source = \"fleet-iac/fleet\" }}\n  }}\n}}\n\n\
         provider \"fleet\" {{\n  managed_by = \"acceptance\"\n  region     = \"us-east-1\"\n  refresh_readiness = \"{mode}\"\n\n  \
         inventory {{\n    path = \"{}\"\n  }}\n}}\n\n{blocks}",
        inventory.display()
    ))
}

fn vended(cli: Cli) -> Result<Workspace> {
    let workspace = Workspace::new(cli)?;
    configure(&workspace, "full")?;
    workspace.apply()?;
    workspace.assert_unchanged()?;
    Ok(workspace)
}

/// The calls of a refresh.
fn refreshed(workspace: &Workspace) -> Result<BTreeMap<String, u64>> {
    let emulator = workspace.aws.emulator()?;
    emulator.forget_calls()?;
    workspace.run(&["apply", "-json", "-auto-approve", "-refresh-only"])?.success()?;
    emulator.calls()
}

fn an_unchanged_fleet_costs_what_the_mode_says(cli: Cli) -> Result<()> {
    let workspace = vended(cli)?;
    let state = workspace.state_bytes()?;
    for (mode, tags, entered) in [("full", 3, 3), ("cached", 3, 0), ("off", 0, 0)] {
        configure(&workspace, mode)?;
        let calls = refreshed(&workspace)?;
        assert_eq!(state, workspace.state_bytes()?, "{mode}: a refresh changes no byte");
        let count = |call: &str| calls.get(call).copied().unwrap_or_default();
        // The OU reads its own tags and its place at each refresh; three policies are the most.
        let units = 1;
        let policies = 3;
        assert!(count("organizations:ListTagsForResource") <= tags + units + policies, "{calls:?}");
        assert_eq!(count("sts:AssumeRole"), entered, "{mode}: {calls:?}");
        // Who calls is asked once, of the management account.
        let members = calls.iter().filter(|(call, _)| {
            let wide = ["sts:GetCallerIdentity", "tagging:GetResources"];
            !call.starts_with("organizations:") && !wide.contains(&call.as_str())
        });
        assert!(count("tagging:GetResources") <= 1, "{mode}: {calls:?}");
        if entered == 0 {
            assert_eq!(members.count(), 0, "{mode}: {calls:?}");
        }
        let wide: u64 = calls
            .iter()
            .filter(|(call, _)| call.starts_with("organizations:"))
            .filter(|(call, _)| *call != "organizations:ListTagsForResource")
            .map(|(_, count)| count)
            .sum();
        assert!(wide <= 1 + units + policies + 10, "{mode}: {calls:?}");
        workspace.assert_unchanged()?;
    }
    Ok(())
}

fn what_a_mode_does_not_see_the_next_one_does(cli: Cli) -> Result<()> {
    let workspace = vended(cli)?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    workspace.aws.call_in(&id, "iam", "delete_account_password_policy", &json!({}))?;
    let untag = json!({"ResourceId": id, "TagKeys": ["team"]});
    configure(&workspace, "off")?;
    workspace.assert_unchanged()?;
    configure(&workspace, "cached")?;
    workspace.assert_unchanged()?;

    workspace.aws.call("organizations", "untag_resource", &untag)?;
    configure(&workspace, "off")?;
    workspace.assert_unchanged()?;
    configure(&workspace, "cached")?;
    // What differs is looked at in full: the password policy shows as well.
    let plan = workspace.plan()?;
    assert_eq!(plan.actions.get("fleet_account.a").context("no action")?, "update");
    workspace.apply()?;
    configure(&workspace, "full")?;
    workspace.assert_unchanged()?;
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.a")?.values["ready"], true);
    Ok(())
}

fn a_read_ends_when_its_time_is_over(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let brief = "{ read = \"10s\" }";
    let blocks = [unit("prod", "Prod").set("timeouts", brief), account("a").set("timeouts", brief)];
    workspace.hcl(&all(&[&blocks[0], &blocks[1]]))?;
    workspace.apply()?;
    workspace.assert_unchanged()?;
    let emulator = workspace.aws.emulator()?;
    for (operation, address) in [
        ("DescribeOrganizationalUnit", "fleet_organizational_unit.prod"),
        ("ListAccounts", "fleet_account.a"),
    ] {
        let slow = json!({"operation": operation, "kind": "delay", "seconds": 600, "times": 9});
        emulator.post("faults", &slow)?;
        let begun = Instant::now();
        let run = workspace.try_plan(&[])?.failure()?;
        assert!(begun.elapsed() < Duration::from_secs(120), "{operation}: {:?}", begun.elapsed());
        assert_eq!(run.errors().count(), 1, "{run}");
        let error = run.errors().next().context("no error")?;
        assert_eq!(error.address.as_deref(), Some(address), "{run}");
        emulator.delete("faults")?;
    }
    workspace.assert_unchanged()
}
