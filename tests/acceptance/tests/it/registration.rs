//! `fleet_cluster_registration`: a file in the inventory, and the gate before it.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};

use crate::hcl::{account, all, cluster};
use crate::inventory;

each_cli!(
    it_writes_its_file_and_nothing_changes,
    it_is_imported,
    a_cluster_and_its_account_in_one_apply,
);

one_cli!(
    a_missing_or_changed_file_is_written_again,
    a_name_does_not_change,
    admission_follows_the_account_and_never_latches,
    a_file_that_is_not_ours_is_left_alone,
    the_account_says_who_registers_clusters,
    a_literal_key_is_held_against_the_account_of_the_same_plan,
    what_an_account_is_for_may_be_known_in_the_apply_alone,
);

const FILE: &str = "inventory/clusters/c1.yaml";

fn registered(cli: Cli) -> Result<Workspace> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.hcl(&cluster("c1", "shop").set("labels", "{ team = \"shop\" }").to_string())?;
    workspace.apply()?;
    Ok(workspace)
}

fn it_writes_its_file_and_nothing_changes(cli: Cli) -> Result<()> {
    let workspace = registered(cli)?;
    let state = workspace.state()?;
    let registered = state.resource("fleet_cluster_registration.c1")?;
    assert_eq!(registered.values["admitted"], true);
    assert_eq!(registered.string("account_id")?, inventory::id("shop"));
    assert!(registered.string("record")?.contains("\"team\":\"shop\""));
    let file = workspace.read(FILE)?;
    assert!(file.contains("managed_by: acceptance"), "{file}");
    workspace.assert_unchanged()?;
    let before = workspace.state_bytes()?;
    workspace.run(&["apply", "-json", "-auto-approve", "-refresh-only"])?.success()?;
    assert_eq!(before, workspace.state_bytes()?);
    assert_eq!(
        workspace.aws.emulator()?.calls()?,
        std::collections::BTreeMap::new(),
        "an inventory needs no AWS"
    );
    Ok(())
}

fn a_missing_or_changed_file_is_written_again(cli: Cli) -> Result<()> {
    let workspace = registered(cli)?;
    let file = workspace.read(FILE)?;
    std::fs::remove_file(workspace.file(FILE))?;
    assert_eq!(workspace.plan()?.actions["fleet_cluster_registration.c1"], "update");
    workspace.apply()?;
    assert_eq!(workspace.read(FILE)?, file);
    workspace.assert_unchanged()?;

    workspace.write(FILE, &file.replace("ap-southeast-1", "eu-west-1"))?;
    assert_eq!(workspace.plan()?.actions["fleet_cluster_registration.c1"], "update");
    workspace.apply()?;
    assert_eq!(workspace.read(FILE)?, file);
    workspace.assert_unchanged()
}

fn a_name_does_not_change(cli: Cli) -> Result<()> {
    let workspace = registered(cli)?;
    workspace.hcl(&cluster("c1", "shop").text("name", "c2").to_string())?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0305")?;
    assert!(workspace.file(FILE).exists());
    Ok(())
}

fn admission_follows_the_account_and_never_latches(cli: Cli) -> Result<()> {
    let workspace = registered(cli)?;
    let admitted = |workspace: &Workspace| -> Result<serde_json::Value> {
        Ok(workspace.state()?.resource("fleet_cluster_registration.c1")?.values["admitted"].clone())
    };
    inventory::account(&workspace, "shop", false)?;
    let run = workspace.apply()?;
    assert!(run.warning("FLEET0310")?.to_string().contains("password-policy"), "{run}");
    assert_eq!(admitted(&workspace)?, false);
    // While it is closed, every plan looks again.
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["fleet_cluster_registration.c1"], "update");
    assert!(plan.is_unknown("fleet_cluster_registration.c1", "admitted"));
    inventory::account(&workspace, "shop", true)?;
    workspace.apply()?;
    assert_eq!(admitted(&workspace)?, true);
    workspace.assert_unchanged()
}

fn it_is_imported(cli: Cli) -> Result<()> {
    let workspace = registered(cli)?;
    workspace.run(&["state", "rm", "fleet_cluster_registration.c1"])?.success()?;
    workspace.run(&["import", "-no-color", "fleet_cluster_registration.c1", "c1"])?.success()?;
    workspace.assert_unchanged()
}

fn a_file_that_is_not_ours_is_left_alone(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.write(FILE, "<<<<<<< HEAD\nname: c1\n")?;
    workspace.hcl(&cluster("c1", "shop").to_string())?;
    workspace.try_apply(&[])?.failure()?.error("FLEET0303")?;
    assert_eq!(workspace.read(FILE)?, "<<<<<<< HEAD\nname: c1\n");
    Ok(())
}

/// Of an account that another configuration manages, and of one that the same plan vends.
fn the_account_says_who_registers_clusters(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "theirs", true)?;
    let theirs = "inventory/accounts/theirs.yaml";
    let allows = workspace.read(theirs)?;
    workspace.write(theirs, &allows.replace("registrars: [acceptance]\n", ""))?;
    let inside = cluster("c1", "shop").set("account", "fleet_account.shop.key");
    let fleet = |registrars: &str| {
        let shop = account("shop").set("registrars", registrars);
        all(&[&shop, &inside, &cluster("c2", "theirs")])
    };
    workspace.hcl(&fleet("[\"elsewhere\"]"))?;
    let refused = workspace.try_plan(&[])?.failure()?;
    let named = refused.errors().map(ToString::to_string).filter(|of| of.contains("FLEET0322"));
    assert_eq!(named.count(), 2, "{refused}");

    workspace.write(theirs, &allows)?;
    workspace.hcl(&fleet("[\"acceptance\", \"elsewhere\"]"))?;
    workspace.apply()?;
    let written = workspace.read("inventory/accounts/shop.yaml")?;
    assert!(written.contains("registrars:\n- acceptance\n- elsewhere\n"), "{written}");
    let state = workspace.state()?;
    for name in ["c1", "c2"] {
        let registered = state.resource(&format!("fleet_cluster_registration.{name}"))?;
        assert_eq!(registered.values["admitted"], true, "{name}");
    }
    workspace.assert_unchanged()
}

fn a_cluster_and_its_account_in_one_apply(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&all(&[
        &account("shop"),
        &cluster("c1", "shop").set("account", "fleet_account.shop.key"),
    ]))?;
    let plan = workspace.plan()?;
    assert!(
        plan.after("fleet_cluster_registration.c1")?["record"].is_string(),
        "the record is known at plan"
    );
    workspace.apply_saved()?.success()?;
    let state = workspace.state()?;
    let registered = state.resource("fleet_cluster_registration.c1")?;
    assert_eq!(registered.values["admitted"], true);
    assert_eq!(
        registered.string("account_id")?,
        state.resource("fleet_account.shop")?.string("id")?
    );
    workspace.assert_unchanged()
}

/// A literal key makes no order between an account and its clusters: whichever is planned second tells.
fn a_literal_key_is_held_against_the_account_of_the_same_plan(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let names = ["c1", "c2", "c3", "c4", "c5", "c6"];
    let clusters = |region: &str| names.map(|name| cluster(name, "shop").text("region", region));
    let elsewhere = clusters("eu-west-1").map(|block| block.to_string()).concat();
    workspace.hcl(&all(&[&account("shop"), &elsewhere]))?;
    let refused = workspace.try_plan(&[])?.failure()?;
    let told: Vec<String> = refused.errors().map(ToString::to_string).collect();
    for name in names {
        let of = |text: &String| text.contains("FLEET0320") && text.contains(&format!("`{name}`"));
        assert_eq!(told.iter().filter(|text| of(text)).count(), 1, "{name}: {refused}");
    }
    let fitting = clusters("ap-southeast-1").map(|block| block.to_string()).concat();
    workspace.hcl(&all(&[&account("shop"), &fitting]))?;
    workspace.plan()?;
    Ok(())
}

/// A plan cannot hold a cluster against what is not known yet. The apply does, before anything is written.
fn what_an_account_is_for_may_be_known_in_the_apply_alone(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let later = |name: &str, value: &str| {
        format!("resource \"terraform_data\" \"{name}\" {{\n  input = \"{value}\"\n}}\n\n")
    };
    let values = [
        later("environment", "dev"),
        later("data", "public"),
        later("region", "eu-west-1"),
        later("version", "latest"),
        later("fits", "prod"),
    ];
    let accounts = [
        account("one").set("environment", "terraform_data.environment.output"),
        account("two").set("data_classification", "terraform_data.data.output"),
        account("three").set("region_set", "[terraform_data.region.output]"),
        account("four").set("environment", "terraform_data.fits.output"),
    ];
    let on = |name: &str, key: &str| {
        cluster(name, key).set("account", format!("fleet_account.{key}.key"))
    };
    let clusters = [
        on("c1", "one"),
        on("c2", "two"),
        on("c3", "three"),
        on("c4", "four"),
        on("c5", "four").set("kubernetes_version", "terraform_data.version.output"),
    ];
    let blocks = [
        values.concat(),
        accounts.map(|block| block.to_string()).concat(),
        clusters.map(|block| block.to_string()).concat(),
    ];
    workspace.hcl(&blocks.concat())?;
    workspace.plan()?;
    let refused = workspace.try_apply(&[])?.failure()?;
    let told: Vec<String> = refused.errors().map(ToString::to_string).collect();
    for (name, code) in [
        ("`c1`", "FLEET0320"),
        ("`c2`", "FLEET0320"),
        ("`c3`", "FLEET0320"),
        ("\"latest\"", "FLEET0309"),
    ] {
        let of = |text: &&String| text.contains(name) && text.contains(code);
        assert_eq!(told.iter().filter(of).count(), 1, "{name}: {refused}");
    }
    assert_eq!(told.len(), 4, "{refused}");
    for name in ["c1", "c2", "c3", "c5"] {
        assert!(!workspace.file(&format!("inventory/clusters/{name}.yaml")).exists(), "{name}");
    }
    // What fits is registered, and its neighbours do not stop it.
    assert!(workspace.file("inventory/clusters/c4.yaml").exists());
    Ok(())
}
