//! `fleet_placement`: concrete in the first plan, quiet when its decision stands, limited when it does not.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};

use crate::hcl::{Block, account, all, cluster, fleet, placement};
use crate::inventory;

each_cli!(
    targets_are_concrete_in_the_first_plan,
    a_tainted_cluster_loses_its_targets_and_others_stay,
    an_unknown_inventory_is_refused,
    an_apply_stops_when_the_decision_changed,
);

one_cli!(
    a_plan_of_placements_calls_no_aws,
    a_broken_limit_needs_its_fingerprint,
    emitted_files_are_kept_and_others_left_alone,
    a_cluster_that_is_gone_counts_as_removed,
    a_placement_is_never_replaced_in_one_plan,
    clusters_of_an_account_that_will_not_be_ready_wait,
);

/// Three clusters in three regions on one ready account of another configuration.
const REGIONS: [(&str, &str); 3] =
    [("c1", "ap-southeast-1"), ("c2", "ap-southeast-3"), ("c3", "ap-northeast-1")];

fn clusters() -> Vec<Block> {
    REGIONS.iter().map(|(name, region)| cluster(name, "shop").text("region", region)).collect()
}

/// The clusters, `change` made to one of them, and `more`.
fn fleet_with(changed: &str, change: impl Fn(Block) -> Block, more: &[Block]) -> String {
    let blocks = clusters().into_iter().zip(REGIONS);
    let mut text: String = blocks
        .map(|(block, (name, _))| if name == changed { change(block) } else { block }.to_string())
        .collect();
    text.push_str(&fleet(&["c1", "c2", "c3"]));
    text.extend(more.iter().map(ToString::to_string));
    text
}

fn unchanged(block: Block) -> Block {
    block
}

fn tainted(block: Block) -> Block {
    block.set("taints", "[{ key = \"maintenance\", effect = \"NoSelect\" }]")
}

fn workspace(cli: Cli) -> Result<Workspace> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    Ok(workspace)
}

/// App → the names of its targets.
fn targets(workspace: &Workspace) -> Result<BTreeMap<String, Vec<String>>> {
    let state = workspace.state()?;
    state
        .of_type("fleet_placement")
        .map(|(_, placement)| {
            let targets = placement.values["targets"].as_object().context("no targets")?;
            Ok((placement.string("app")?.to_owned(), targets.keys().cloned().collect()))
        })
        .collect()
}

fn targets_are_concrete_in_the_first_plan(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&all(&[
        &account("shop"),
        &cluster("c1", "shop").set("account", "fleet_account.shop.key"),
        &fleet(&["c1"]),
        &placement("web"),
    ]))?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["fleet_account.shop"], "create");
    assert!(plan.is_unknown("fleet_account.shop", "id"));
    let planned = plan.after("fleet_placement.web")?["targets"].clone();
    assert_eq!(planned["c1"]["region"], "ap-southeast-1", "{planned}");
    workspace.apply_saved()?.success()?;
    assert_eq!(workspace.state()?.resource("fleet_placement.web")?.values["targets"], planned);
    workspace.assert_unchanged()
}

fn a_plan_of_placements_calls_no_aws(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    workspace.hcl(&fleet_with("", unchanged, &[placement("web")]))?;
    workspace.apply()?;
    workspace.assert_unchanged()?;
    assert_eq!(workspace.aws.emulator()?.calls()?, BTreeMap::new());
    Ok(())
}

fn a_tainted_cluster_loses_its_targets_and_others_stay(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    let placements: Vec<Block> = (0..6).map(|n| placement(&format!("p{n}"))).collect();
    workspace.hcl(&fleet_with("", unchanged, &placements))?;
    workspace.apply()?;
    let before = targets(&workspace)?;
    let victim = before["p0"][0].clone();

    workspace.hcl(&fleet_with(&victim, tainted, &placements))?;
    let plan = workspace.plan()?;
    for (app, targets) in &before {
        let moves = plan.actions.contains_key(&format!("fleet_placement.{app}"));
        assert_eq!(moves, targets.contains(&victim), "{app}: {:?}", plan.actions);
    }
    workspace.apply_saved()?.success()?;
    for (app, targets) in targets(&workspace)? {
        assert!(!targets.contains(&victim), "{app} is still on {victim}");
        if !before[&app].contains(&victim) {
            assert_eq!(targets, before[&app], "{app} moved");
        }
    }
    workspace.assert_unchanged()?;

    // The cluster is back: what moved away stays where it is.
    let moved = targets(&workspace)?;
    workspace.hcl(&fleet_with("", unchanged, &placements))?;
    workspace.apply()?;
    assert_eq!(targets(&workspace)?, moved);
    Ok(())
}

fn an_unknown_inventory_is_refused(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    let text = fleet_with("", unchanged, &[placement("web")]);
    // The data source refers to a resource with pending changes: core reads it only in the apply.
    let text = text.replace(
        "data \"fleet_inventory\" \"this\" {}",
        "data \"fleet_inventory\" \"this\" {\n  depends_on = [fleet_cluster_registration.c1]\n}",
    );
    workspace.hcl(&text)?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0401")?;
    Ok(())
}

fn a_broken_limit_needs_its_fingerprint(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    let limited = |limits: &str| placement("web").set("blast_radius", limits);
    workspace.hcl(&fleet_with("", unchanged, &[limited("{ max_removed = 0 }")]))?;
    workspace.apply()?;
    let victim = targets(&workspace)?["web"][0].clone();
    workspace.hcl(&fleet_with(&victim, tainted, &[limited("{ max_removed = 0 }")]))?;
    let run = workspace.try_plan(&[])?.failure()?;
    let detail = &run.error("FLEET0408")?.detail;
    let fingerprint = detail
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() >= 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .max_by_key(|word| word.len())
        .with_context(|| format!("no fingerprint in: {detail}"))?;
    let wrong = limited("{ max_removed = 0, acknowledge = \"000000000000\" }");
    workspace.hcl(&fleet_with(&victim, tainted, &[wrong]))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0408")?;
    let right = limited(&format!("{{ max_removed = 0, acknowledge = \"{fingerprint}\" }}"));
    workspace.hcl(&fleet_with(&victim, tainted, &[right]))?;
    workspace.apply()?;
    assert!(!targets(&workspace)?["web"].contains(&victim));
    workspace.assert_unchanged()
}

fn emitted_files_are_kept_and_others_left_alone(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    let directory = workspace.file("artifacts");
    let emitting = |app: &str| {
        placement(app).set(
            "emit",
            format!(
                "{{\n    argocd = {{ path = \"{0}\", project = \"shop\", repo_url = \"https://git.example.com/shop.git\", target_revision = \"main\", source_path = \"deploy\" }}\n    json = {{ path = \"{0}\" }}\n  }}",
                directory.display()
            ),
        )
    };
    workspace.hcl(&fleet_with("", unchanged, &[emitting("web")]))?;
    workspace.apply()?;
    let files = || -> Result<BTreeMap<String, String>> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            found.insert(
                entry.file_name().to_string_lossy().into_owned(),
                fs::read_to_string(entry.path())?,
            );
        }
        Ok(found)
    };
    let emitted = files()?;
    assert_eq!(emitted.len(), 2, "{:?}", emitted.keys());
    assert!(emitted.values().any(|text| text.contains("kind: ApplicationSet")));
    workspace.assert_unchanged()?;

    for name in emitted.keys() {
        fs::remove_file(directory.join(name))?;
        assert_eq!(workspace.plan()?.actions["fleet_placement.web"], "update", "{name} is missing");
        workspace.apply()?;
        assert_eq!(files()?, emitted);
    }
    workspace.assert_unchanged()?;

    // Another placement's file name is taken by a person.
    let taken = emitted.keys().next().context("no file")?.replace("web", "api");
    workspace.write(&format!("artifacts/{taken}"), "by hand\n")?;
    workspace.hcl(&fleet_with("", unchanged, &[emitting("web"), emitting("api")]))?;
    workspace.try_apply(&[])?.failure()?.error("FLEET0417")?;
    assert_eq!(files()?[&taken], "by hand\n");
    fs::remove_file(directory.join(&taken))?;

    // What goes takes its files along, but not one that a person changed.
    workspace.hcl(&fleet_with("", unchanged, &[emitting("web"), emitting("api")]))?;
    workspace.apply()?;
    let changed = emitted.keys().next().context("no file")?;
    workspace.write(&format!("artifacts/{changed}"), "changed by hand\n")?;
    workspace.hcl(&fleet_with("", unchanged, &[]))?;
    let run = workspace.try_apply(&["-refresh=false"])?.success()?;
    run.warning("FLEET0419")?;
    assert_eq!(files()?.into_keys().collect::<Vec<_>>(), std::slice::from_ref(changed));
    Ok(())
}

fn an_apply_stops_when_the_decision_changed(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    workspace.hcl(&fleet_with("", unchanged, &[]))?;
    workspace.apply()?;
    // A configuration that only places, as another team has it.
    let text = all(&[&fleet(&[]), &placement("web")]);
    fs::remove_file(workspace.file("work/terraform.tfstate"))?;
    workspace.hcl_as("another-team", &text)?;
    let plan = workspace.plan()?;
    let planned =
        plan.after("fleet_placement.web")?["targets"].as_object().context("no targets")?;
    let victim = planned.keys().next().context("no target")?.clone();
    let file = format!("inventory/clusters/{victim}.yaml");
    let whole = workspace.read(&file)?;
    let marked = whole.replace("schedulable: true", "schedulable: false");
    assert_ne!(marked, whole);
    workspace.write(&file, &marked)?;
    let run = workspace.apply_saved()?.failure()?;
    assert!(run.error("FLEET0413")?.detail.contains(&victim), "{run}");
    assert!(workspace.state()?.resource("fleet_placement.web").is_err());
    workspace.apply()?;
    assert!(!targets(&workspace)?["web"].contains(&victim));
    Ok(())
}

fn a_cluster_that_is_gone_counts_as_removed(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    workspace.hcl(&fleet_with("", unchanged, &[placement("web")]))?;
    workspace.apply()?;
    let victim = targets(&workspace)?["web"][0].clone();
    // A registration that is to be removed is retired first: then nothing selects it.
    let retired = |block: Block| block.text("lifecycle_state", "retired");
    workspace.hcl(&fleet_with(&victim, retired, &[placement("web")]))?;
    workspace.apply()?;
    assert!(!targets(&workspace)?["web"].contains(&victim));
    let others: Vec<&str> =
        REGIONS.iter().map(|(name, _)| *name).filter(|name| *name != victim).collect();
    let mut text: String = clusters()
        .iter()
        .zip(REGIONS)
        .filter(|(_, (name, _))| *name != victim)
        .map(|(block, _)| block.to_string())
        .collect();
    text.push_str(&fleet(&others));
    text.push_str(&placement("web").to_string());
    workspace.hcl(&text)?;
    workspace.apply()?;
    assert!(!workspace.file(&format!("inventory/clusters/{victim}.yaml")).exists());
    workspace.assert_unchanged()
}

/// `-replace`, and an address that changed without `moved`: no limit would hold for what only looks new.
fn a_placement_is_never_replaced_in_one_plan(cli: Cli) -> Result<()> {
    let workspace = workspace(cli)?;
    let limited = |app: &str| {
        placement(app).set("blast_radius", "{ max_added = 0, max_removed = 0 }").text("app", "web")
    };
    workspace.hcl(&fleet_with("", unchanged, &[limited("web")]))?;
    workspace.apply()?;
    let run = workspace.try_plan(&["-replace=fleet_placement.web"])?.failure()?;
    run.error("FLEET0424")?;
    // In which order core looks at the two is not fixed.
    workspace.hcl(&fleet_with("", unchanged, &[limited("renamed")]))?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0424").is_ok() || run.error("FLEET0425").is_ok(), "{run}");
    workspace.hcl(&fleet_with("", unchanged, &[limited("renamed").text("key", "another")]))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0425")?;
    let moved = "moved {\n  from = fleet_placement.web\n  to   = fleet_placement.renamed\n}\n\n";
    let text = fleet_with("", unchanged, &[limited("renamed")]);
    workspace.hcl(&format!("{text}{moved}"))?;
    let plan = workspace.plan()?;
    assert!(!plan.actions.contains_key("fleet_placement.renamed"), "{:?}", plan.actions);
    Ok(())
}

/// One plan makes the accounts, the clusters and the placements: the plan of one account says that it will not be ready.
fn clusters_of_an_account_that_will_not_be_ready_wait(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let on = |name: &str, account: &str| {
        cluster(name, account).set("account", format!("fleet_account.{account}.key"))
    };
    let mut text = all(&[
        &account("good"),
        &account("open").without("controls"),
        &on("k1", "good"),
        &on("k2", "good"),
        &on("k3", "open"),
        &fleet(&["k1", "k2", "k3"]),
    ]);
    let apps = ["p1", "p2", "p3", "p4", "p5", "p6"];
    text.extend(apps.iter().map(|app| placement(app).to_string()));
    workspace.hcl(&text)?;
    let run = workspace.apply()?;
    run.warning("FLEET0170")?;
    run.warning("FLEET0421")?;
    let state = workspace.state()?;
    for app in apps {
        let of = state.resource(&format!("fleet_placement.{app}"))?;
        let targets = of.values["targets"].as_object().context("no targets")?;
        assert!(!targets.contains_key("k3"), "{app}: {targets:?}");
    }
    Ok(())
}
