//! Two blocks of one provider: the CLI starts a process for each, and neither sees what the other plans.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli};
use serde_json::json;

use crate::account::members;
use crate::hcl::{Block, account, all, cluster, fleet, placement, unit};
use crate::inventory;

each_cli!(one_object_under_two_provider_blocks_is_told_by_the_plan);

/// A second provider block, on the same inventory.
fn second(workspace: &Workspace, managed_by: &str) -> String {
    let path = workspace.file("inventory");
    format!(
        "provider \"fleet\" {{\n  alias      = \"two\"\n  managed_by = \"{managed_by}\"\n  region     = \"us-east-1\"\n\n  inventory {{\n    path = \"{}\"\n  }}\n}}\n\n",
        path.display()
    )
}

fn under_second(block: Block) -> Block {
    block.set("provider", "fleet.two")
}

/// In one plan, and where one of the two is there already; nothing is made twice, and the way out is a plain one.
fn one_object_under_two_provider_blocks_is_told_by_the_plan(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    let emit = "{ json = { path = \"../artifacts\" } }";
    let c1 = || cluster("c1", "shop");
    let web = || placement("web").text("key", "web").set("emit", emit);
    let named = |block: Block, from: &str, to: &str| {
        // The label is what comes last in the head.
        block.to_string().replacen(&format!("\"{from}\" {{"), &format!("\"{to}\" {{"), 1)
    };
    let k = || account("k");
    let other_k = k().text("email", "aws+k2@example.com");
    let twins = [
        named(under_second(other_k), "k", "k_2"),
        named(under_second(c1()), "c1", "c1_2"),
        named(under_second(web()), "web", "web_2"),
        named(under_second(unit("u", "Shared")), "u", "u_2"),
    ];
    for (index, managed_by) in [(0, "acceptance"), (1, "another")] {
        let second = second(&workspace, managed_by);
        let both: [(&dyn std::fmt::Display, &str, &str); 4] = [
            (&k(), &twins[0], "FLEET0105"),
            (&c1(), &twins[1], "FLEET0314"),
            (&web(), &twins[2], if index == 0 { "FLEET0422" } else { "FLEET0418" }),
            (&unit("u", "Shared"), &twins[3], "FLEET0204"),
        ];
        for (one, twin, code) in both {
            let fleet = fleet(&["c1"]);
            let c1 = c1().to_string();
            let beside: &dyn std::fmt::Display = if code == "FLEET0314" { &"" } else { &c1 };
            workspace.hcl(&all(&[&second, beside, &fleet, one, &twin]))?;
            let run = workspace.try_plan(&[])?.failure()?;
            let told = run.error(code)?;
            assert!(told.detail.contains("another block `provider \"fleet\"`"), "{run}");
            assert!(
                told.detail.contains(managed_by) || told.detail.contains("acceptance"),
                "{run}"
            );
        }
    }
    assert_eq!(members(&workspace)?, [], "no account was made");

    // One of the two is there, and the other is new. What is alone under its block is planned and applied as ever, and a
    // second run at the same time is none of this one.
    let second = second(&workspace, "acceptance");
    let c2 = under_second(cluster("c2", "shop"));
    let there = all(&[&second, &c1(), &c2, &fleet(&["c1", "c2"]), &web(), &unit("u", "Shared")]);
    workspace.hcl(&there)?;
    workspace.apply()?;
    assert!(workspace.plan()?.actions.is_empty());
    let there_twins =
        [(&twins[1], "FLEET0314"), (&twins[2], "FLEET0422"), (&twins[3], "FLEET0204")];
    for (twin, code) in there_twins {
        workspace.hcl(&all(&[&there, twin]))?;
        workspace.try_plan(&[])?.failure()?.error(code)?;
    }
    // An object changes its provider block as any other does.
    let moved = under_second(c1());
    let shared = under_second(unit("u", "Shared"));
    workspace.hcl(&all(&[&second, &moved, &c2, &fleet(&["c1", "c2"]), &web(), &shared]))?;
    assert!(workspace.plan()?.actions.is_empty());
    workspace.apply()?;
    assert_eq!(
        workspace.state()?.resource("fleet_cluster_registration.c1")?.values["admitted"],
        json!(true)
    );
    Ok(())
}
