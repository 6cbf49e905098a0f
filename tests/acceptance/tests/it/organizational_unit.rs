//! `fleet_organizational_unit`: a tree of OUs.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::json;

use crate::hcl::{account, all, unit};
use crate::outsider;

each_cli!(
    a_tree_comes_changes_and_goes,
    it_is_imported_by_id_and_by_path,
    it_is_imported_by_its_identity,
    names_parents_and_blocks_collide_with_a_reason,
    one_unit_at_two_addresses_is_told,
);

one_cli!(
    a_slash_in_a_name_leads_to_no_other_unit,
    a_unit_with_something_in_it_is_released,
    a_path_names_a_unit,
    twenty_siblings_at_once_are_made_once_each,
    a_unit_of_nobody_is_taken_over_on_request,
    an_imported_unit_of_nobody_asks_for_consent,
    two_units_of_one_name_are_told_in_the_plan,
);

const PROD: &str = "fleet_organizational_unit.prod";

fn root(workspace: &Workspace) -> Result<String> {
    let roots = workspace.aws.call("organizations", "list_roots", &json!({}))?;
    Ok(roots["Roots"][0]["Id"].as_str().unwrap_or_default().to_owned())
}

/// Makes a unit below the root by hand.
fn by_hand(workspace: &Workspace, name: &str) -> Result<String> {
    let request = json!({"ParentId": root(workspace)?, "Name": name});
    let made = workspace.aws.call("organizations", "create_organizational_unit", &request)?;
    Ok(made["OrganizationalUnit"]["Id"].as_str().unwrap_or_default().to_owned())
}

/// The names of the units below the root.
fn names(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut request = json!({"ParentId": root(workspace)?});
    loop {
        let call = "list_organizational_units_for_parent";
        let page = workspace.aws.call("organizations", call, &request)?;
        let units = page["OrganizationalUnits"].as_array().into_iter().flatten();
        names.extend(units.filter_map(|unit| unit["Name"].as_str().map(str::to_owned)));
        match page["NextToken"].as_str() {
            Some(token) => request["NextToken"] = token.into(),
            None => break,
        }
    }
    names.sort();
    Ok(names)
}

fn a_tree_comes_changes_and_goes(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let below =
        |name: &str| unit("prod", name).set("parent", "fleet_organizational_unit.workloads.id");
    workspace.hcl(&all(&[
        &unit("workloads", "Workloads"),
        &below("Prod").set("tags", "{ a = \"1\" }"),
    ]))?;
    workspace.apply()?;
    let state = workspace.state()?;
    let prod = state.resource("fleet_organizational_unit.prod")?;
    assert_eq!(prod.string("path")?, "Workloads/Prod");
    let id = prod.string("id")?.to_owned();
    workspace.assert_unchanged()?;

    workspace.hcl(&all(&[
        &unit("workloads", "Workloads"),
        &below("Production").set("tags", "{ a = \"2\" }"),
    ]))?;
    assert_eq!(workspace.plan()?.actions["fleet_organizational_unit.prod"], "update");
    workspace.apply()?;
    let described = workspace.aws.call(
        "organizations",
        "describe_organizational_unit",
        &json!({"OrganizationalUnitId": id}),
    )?;
    assert_eq!(described["OrganizationalUnit"]["Name"], "Production");
    workspace.assert_unchanged()?;

    workspace.try_destroy(&[])?.success()?;
    let root = workspace.aws.call("organizations", "list_roots", &json!({}))?;
    let left = json!({"ParentId": root["Roots"][0]["Id"], "ChildType": "ORGANIZATIONAL_UNIT"});
    let children = workspace.aws.call("organizations", "list_children", &left)?;
    assert_eq!(children["Children"], json!([]));
    Ok(())
}

fn it_is_imported_by_id_and_by_path(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let below = unit("prod", "Prod")
        .set("parent", "fleet_organizational_unit.workloads.id")
        .set("tags", "{ a = \"1\" }");
    workspace.hcl(&all(&[&unit("workloads", "Workloads"), &below]))?;
    workspace.apply()?;
    let id = workspace.state()?.resource(PROD)?.string("id")?.to_owned();
    for which in [id.as_str(), "Workloads/Prod"] {
        workspace.run(&["state", "rm", PROD])?.success()?;
        workspace.run(&["import", "-no-color", PROD, which])?.success()?;
        assert_eq!(workspace.state()?.resource(PROD)?.string("id")?, id);
        workspace.assert_unchanged()?;
    }
    workspace.run(&["state", "rm", PROD])?.success()?;
    for wrong in ["Workloads/Pord", "r-ab12", "ou-ab12-99999999"] {
        let run = workspace.run(&["import", "-no-color", PROD, wrong])?.failure()?;
        assert!(run.stderr.contains("FLEET0208"), "{run}");
    }
    Ok(())
}

fn it_is_imported_by_its_identity(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&unit("prod", "Prod").to_string())?;
    let plan = workspace.plan()?;
    assert!(plan.is_unknown(PROD, "id"));
    workspace.apply_saved()?.success()?;
    let id = workspace.state()?.resource(PROD)?.string("id")?.to_owned();
    let block = format!("import {{\n  to       = {PROD}\n  identity = {{ id = \"{id}\" }}\n}}\n");
    if cli == Cli::Terraform1_11 {
        return Ok(());
    }
    let identity = &workspace.show(&[])?["values"]["root_module"]["resources"][0]["identity"];
    assert_eq!(*identity, json!({ "id": id }));
    workspace.run(&["state", "rm", PROD])?.success()?;
    workspace.hcl(&format!("{}{block}", unit("prod", "Prod")))?;
    assert!(workspace.plan()?.actions.is_empty(), "an import changes nothing");
    workspace.apply_saved()?.success()?;
    assert_eq!(workspace.state()?.resource(PROD)?.string("id")?, id);
    workspace.assert_unchanged()
}

fn a_unit_with_something_in_it_is_released(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&unit("prod", "Prod").set("tags", "{ a = \"1\" }").to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource(PROD)?.string("id")?.to_owned();
    let guest = outsider::account(&workspace, "guest")?;
    let moved =
        json!({"AccountId": guest, "SourceParentId": root(&workspace)?, "DestinationParentId": id});
    workspace.aws.call("organizations", "move_account", &moved)?;
    let inner = json!({"ParentId": id, "Name": "Inner"});
    let inner = workspace.aws.call("organizations", "create_organizational_unit", &inner)?;
    let inner = inner["OrganizationalUnit"]["Id"].as_str().unwrap_or_default().to_owned();

    let parts = [format!("{inner} (Inner)"), format!("{guest} (guest)")];
    let plan = workspace.try_plan(&["-destroy"])?.success()?;
    let said = &plan.warning("FLEET0213")?.detail;
    assert!(parts.iter().all(|part| said.contains(part)), "the plan lists all: {plan}");
    // Another manager's by now: told while nothing changes, and refused in the plan of what would.
    let hand_to = |manager: &str| -> Result<()> {
        let tags = json!([{"Key": "fleet:managed-by", "Value": manager}]);
        let tagged = json!({"ResourceId": id, "Tags": tags});
        workspace.aws.call("organizations", "tag_resource", &tagged)?;
        Ok(())
    };
    hand_to("them")?;
    let plan = workspace.try_plan(&[])?.success()?;
    assert!(plan.warning("FLEET0214")?.detail.contains("\"them\""), "{plan}");
    workspace.try_plan(&["-destroy"])?.failure()?.error("FLEET0501")?;
    for block in [unit("prod", "Other").set("tags", "{ a = \"1\" }"), unit("prod", "Prod")] {
        workspace.hcl(&block.to_string())?;
        workspace.try_plan(&[])?.failure()?.error("FLEET0501")?;
    }
    workspace.hcl(&unit("prod", "Prod").set("tags", "{ a = \"1\" }").to_string())?;
    hand_to("acceptance")?;

    let run = workspace.try_destroy(&[])?.success()?;
    let said = &run.warning("FLEET0209")?.detail;
    assert!(parts.iter().all(|part| said.contains(part)), "it lists all: {run}");
    let tags = crate::account::tags(&workspace, &id)?;
    assert_eq!(tags, json!({"fleet:released-from": "acceptance", "a": "1"}));

    // What was released is taken over again like anything else of nobody's.
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0503")?.detail.contains("acceptance"), "{run}");
    workspace.hcl(&unit("prod", "Prod").set("adopt", "true").to_string())?;
    workspace.apply()?;
    let tags = crate::account::tags(&workspace, &id)?;
    assert_eq!(tags["fleet:managed-by"], "acceptance");
    assert!(tags.get("fleet:released-from").is_none(), "{tags}");
    workspace.assert_unchanged()
}

fn a_path_names_a_unit(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let tree = [
        unit("workloads", "Workloads"),
        unit("prod", "Prod").set("parent", "fleet_organizational_unit.workloads.id"),
    ];
    workspace.hcl(&all(&[&tree[0], &tree[1]]))?;
    workspace.apply()?;
    workspace.hcl(&all(&[&tree[0], &tree[1], &account("a").text("parent", "Workloads/Prod")]))?;
    workspace.apply()?;
    let state = workspace.state()?;
    let prod = state.resource("fleet_organizational_unit.prod")?.string("id")?;
    assert_eq!(state.resource("fleet_account.a")?.string("parent_id")?, prod);
    workspace.assert_unchanged()
}

fn twenty_siblings_at_once_are_made_once_each(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    for code in ["ConcurrentModificationException", "TooManyRequestsException"] {
        for operation in ["CreateOrganizationalUnit", "ListOrganizationalUnitsForParent"] {
            let fault = json!({"operation": operation, "kind": "error", "code": code, "times": 4});
            workspace.aws.emulator()?.post("faults", &fault)?;
        }
    }
    // Its answer is lost on the way: the unit is there.
    let lost = json!({"operation": "CreateOrganizationalUnit", "kind": "drop", "times": 2});
    workspace.aws.emulator()?.post("faults", &lost)?;
    let siblings = unit("team", "Team ${count.index}").set("count", "20");
    workspace.hcl(&siblings.to_string())?;
    workspace.try_apply(&["-parallelism=20"])?.success()?;
    let mut wanted: Vec<String> = (0..20).map(|n| format!("Team {n}")).collect();
    wanted.sort();
    assert_eq!(names(&workspace)?, wanted);
    workspace.assert_unchanged()?;
    workspace.try_destroy(&["-parallelism=20"])?.success()?;
    assert!(names(&workspace)?.is_empty());
    Ok(())
}

fn a_unit_of_nobody_is_taken_over_on_request(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = by_hand(&workspace, "Prod")?;
    let block = unit("prod", "Prod").set("tags", "{ a = \"1\" }");
    workspace.hcl(&block.to_string())?;
    workspace.try_apply(&[])?.failure()?.error("FLEET0503")?;
    assert_eq!(crate::account::tags(&workspace, &id)?, json!({}), "nothing was changed");

    workspace.hcl(&block.clone().set("adopt", "true").to_string())?;
    let plan = workspace.plan()?;
    let said = plan.run.warning("FLEET0203")?;
    assert!(said.summary.contains("Prod") && said.detail.contains(&id), "{said}");
    assert_eq!(plan.after(PROD)?["id"], id.as_str(), "the plan names it");
    workspace.apply_saved()?.success()?;
    assert_eq!(workspace.state()?.resource(PROD)?.string("id")?, id);
    assert_eq!(crate::account::tags(&workspace, &id)?["a"], "1");
    workspace.assert_unchanged()?;

    // Another manager cannot, whatever it says, and is told so in the plan.
    std::fs::remove_file(workspace.file("work/terraform.tfstate"))?;
    workspace.hcl_as("somebody-else", &block.set("adopt", "true").to_string())?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert!(run.error("FLEET0501")?.detail.contains("acceptance"), "{run}");
    Ok(())
}

fn an_imported_unit_of_nobody_asks_for_consent(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let id = by_hand(&workspace, "Prod")?;
    let import = format!("import {{\n  to = {PROD}\n  id = \"Prod\"\n}}\n");
    workspace.hcl(&format!("{}{import}", unit("prod", "Prod")))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0207")?;

    workspace.hcl(&format!("{}{import}", unit("prod", "Production").set("adopt", "true")))?;
    assert_eq!(workspace.plan()?.actions[PROD], "update");
    workspace.apply_saved()?.success()?;
    assert_eq!(names(&workspace)?, ["Production"]);
    assert_eq!(crate::account::tags(&workspace, &id)?["fleet:managed-by"], "acceptance");
    workspace.assert_unchanged()
}

fn names_parents_and_blocks_collide_with_a_reason(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let two = [unit("prod", "Prod"), unit("test", "Test")];
    workspace.hcl(&all(&[&two[0], &two[1]]))?;
    workspace.apply()?;
    let before = workspace.state_bytes()?;

    workspace.hcl(&all(&[&two[0], &unit("test", "Prod")]))?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0205")?.detail.contains("(Prod)"), "{run}");
    workspace.hcl(&all(&[&two[0], &two[1].clone().text("parent", "Prod")]))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0201")?;
    let moved = two[1].clone().set("parent", "fleet_organizational_unit.new.id");
    workspace.hcl(&all(&[&two[0], &moved, &unit("new", "New")]))?;
    workspace.try_apply(&[])?.failure()?.error("FLEET0201")?;
    workspace.hcl(&all(&[&two[0], &two[1], &unit("again", "Prod")]))?;
    workspace.try_plan(&["-refresh=true"])?.failure()?.error("FLEET0204")?;
    workspace.hcl(&all(&[&two[0], &two[1]]))?;
    workspace
        .try_plan(&["-replace=fleet_organizational_unit.prod"])?
        .failure()?
        .error("FLEET0204")?;
    workspace.apply()?;
    assert_eq!(names(&workspace)?, ["Prod", "Test"]);
    assert_eq!(workspace.state_bytes()?, before);
    Ok(())
}

fn two_units_of_one_name_are_told_in_the_plan(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    // Neither is there yet: below the root, and below a unit that only the same apply makes.
    let below = |label: &str, parent: &str| unit(label, "Prod").text("parent", parent);
    for two in
        [[unit("c", "Prod"), unit("d", "Prod")], [below("c", "Workloads"), below("d", "Workloads")]]
    {
        workspace.hcl(&all(&[&unit("w", "Workloads"), &two[0], &two[1]]))?;
        workspace.try_plan(&[])?.failure()?.error("FLEET0204")?;
    }
    workspace.hcl(&all(&[&unit("w", "Workloads"), &unit("c", "Prod"), &unit("d", "Test")]))?;
    workspace.apply()?;
    // The same parent, by its path and by its id.
    let by_path = unit("e", "New").text("parent", "Workloads");
    let by_id = unit("f", "New").set("parent", "fleet_organizational_unit.w.id");
    workspace.hcl(&all(&[&unit("w", "Workloads"), &by_path, &by_id]))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0204")?;

    // A rename to a name that a sibling has, ours or not, that both would get, or that they would swap.
    by_hand(&workspace, "Taken")?;
    let w = unit("w", "Workloads");
    for (c, d, code) in [
        ("Prod", "Taken", "FLEET0205"),
        ("Test", "Prod", "FLEET0205"),
        ("Test", "Test", "FLEET0205"),
        ("Same", "Same", "FLEET0204"),
    ] {
        workspace.hcl(&all(&[&w, &unit("c", c), &unit("d", d)]))?;
        workspace.try_plan(&[])?.failure()?.error(code)?;
    }
    workspace.hcl(&all(&[&w, &unit("c", "Prod"), &unit("d", "New")]))?;
    workspace.apply()?;
    assert_eq!(names(&workspace)?, ["New", "Prod", "Taken", "Workloads"]);
    workspace.assert_unchanged()
}

fn one_unit_at_two_addresses_is_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (c, d) = (unit("c", "Prod"), unit("d", "Prod"));
    workspace.hcl(&c.to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource("fleet_organizational_unit.c")?.string("id")?.to_owned();
    let import = format!("import {{\n  to = fleet_organizational_unit.d\n  id = \"{id}\"\n}}\n");
    workspace.hcl(&all(&[&c, &d, &import]))?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0204")?;

    // With a target the plan knows of one block only, and the state has both by then.
    workspace.hcl(&all(&[&c, &d]))?;
    let target = "-target=fleet_organizational_unit.d";
    workspace.try_apply(&[target])?.success()?.warning("FLEET0157")?;
    workspace.hcl(&c.to_string())?;
    for more in [&[][..], &["-refresh=false"], &["-refresh-only"], &["-destroy"]] {
        let run = workspace.try_plan(more)?.failure()?;
        assert!(run.error("FLEET0204")?.detail.contains(&id), "{more:?}: {run}");
    }
    workspace.run(&["state", "rm", "fleet_organizational_unit.d"])?.success()?;
    workspace.assert_unchanged()?;
    // A block that only moved is no second one.
    let moved =
        "moved {\n  from = fleet_organizational_unit.c\n  to   = fleet_organizational_unit.d\n}\n";
    workspace.hcl(&all(&[&d, &moved]))?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_organizational_unit.d")?.string("id")?, id);
    workspace.assert_unchanged()
}

fn a_slash_in_a_name_leads_to_no_other_unit(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    // The names are those that a path could confuse: `CI/CD`, `CD` in `CI`, and one that looks like an id.
    let units = [
        unit("slash", "CI/CD"),
        unit("outer", "CI"),
        unit("inner", "CD").set("parent", "fleet_organizational_unit.outer.path"),
        unit("below", "100%").set("parent", "fleet_organizational_unit.slash.path"),
        unit("idlike", "ou-ab12-cd34ef56"),
    ];
    let blocks: Vec<&dyn std::fmt::Display> = units.iter().map(|unit| unit as _).collect();
    workspace.hcl(&all(&blocks[1..2]))?;
    workspace.apply()?;
    workspace.hcl(&all(&[blocks[0], blocks[1], blocks[4]]))?;
    workspace.apply()?;
    workspace.hcl(&all(&blocks))?;
    workspace.apply()?;
    let state = workspace.state()?;
    let of = |label: &str, attribute: &str| -> Result<String> {
        let unit = state.resource(&format!("fleet_organizational_unit.{label}"))?;
        Ok(unit.string(attribute)?.to_owned())
    };
    let paths =
        ["slash", "inner", "below", "idlike"].map(|label| of(label, "path").unwrap_or_default());
    assert_eq!(paths, ["CI%2FCD", "CI/CD", "CI%2FCD/100%25", "ou%2Dab12-cd34ef56"]);

    // By path from the resource, by path as text, and in the onboarding parent: each leads to the unit that it names.
    let accounts = [
        account("a").set("parent", "fleet_organizational_unit.slash.path"),
        account("b").text("parent", "CI/CD"),
        account("c").set("parent", "fleet_organizational_unit.below.path"),
        account("d").set("parent", "fleet_organizational_unit.idlike.path"),
        account("e").text("onboarding_parent", "CI%2fCD").text("parent", "CI"),
    ];
    let mut whole = all(&blocks);
    whole.extend(accounts.iter().map(ToString::to_string));
    workspace.hcl(&format!("{whole}data \"fleet_organization\" \"this\" {{}}\n"))?;
    workspace.apply()?;
    let state = workspace.state()?;
    for (key, label) in
        [("a", "slash"), ("b", "inner"), ("c", "below"), ("d", "idlike"), ("e", "outer")]
    {
        let parent = state.resource(&format!("fleet_account.{key}"))?.string("parent_id")?;
        assert_eq!(parent, of(label, "id")?, "{key}");
    }
    let seen = &state.resource("data.fleet_organization.this")?.values["organizational_units"];
    let seen: Vec<&str> =
        seen.as_array().into_iter().flatten().filter_map(|unit| unit["path"].as_str()).collect();
    assert_eq!(seen, ["CI", "CI%2FCD", "CI%2FCD/100%25", "CI/CD", "ou%2Dab12-cd34ef56"]);
    workspace.assert_unchanged()?;

    // And the same paths in an import.
    for (label, path) in [("slash", "CI%2FCD"), ("inner", "CI/CD"), ("below", "CI%2FCD/100%25")] {
        let address = format!("fleet_organizational_unit.{label}");
        workspace.run(&["state", "rm", "-no-color", &address])?.success()?;
        workspace.run(&["import", "-no-color", &address, path])?.success()?;
        assert_eq!(workspace.state()?.resource(&address)?.string("id")?, of(label, "id")?);
    }
    Ok(())
}
