//! `terraform query`: the accounts that nobody manages, from the list to the account that is ours.
//!
//! Terraform has it from 1.14 on; tests/sdk/lists.rs holds that the other CLIs have none.

use anyhow::Result;
use fleet_acceptance::{Cli, Run, Workspace};
use serde_json::{Value, json};

use crate::account::tags;
use crate::hcl::{account, all, unit};
use crate::outsider;

const QUERY: &str = "work/find.tfquery.hcl";

fn workspace() -> Result<Workspace> {
    Workspace::new(Cli::Terraform1_15)
}

/// A list block, with these arguments and with these in its `config`.
fn search(workspace: &Workspace, arguments: &str, config: &str) -> Result<()> {
    let text = format!(
        "list \"fleet_account\" \"unmanaged\" {{\n  provider = fleet\n  {arguments}\n\n  config {{\n    {config}\n  }}\n}}\n"
    );
    workspace.write(QUERY, &text)
}

/// What a query with `-json` found, in its order.
fn found(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let found = lines.map(|line| line["list_resource_found"].clone());
    found.filter(Value::is_object).collect()
}

/// The names that a search finds, without the addresses behind them.
fn names(workspace: &Workspace, arguments: &str, config: &str) -> Result<Vec<String>> {
    search(workspace, arguments, config)?;
    let run = workspace.run(&["query", "-json"])?.success()?;
    let shown = found(&run).into_iter().map(|of| of["display_name"].to_string());
    Ok(shown.map(|name| name.trim_matches('"').replace("@example.com)", "")).collect())
}

/// Ours; ours without its tags; nobody's in two places; released; another manager's; and suspended.
fn organization(workspace: &Workspace) -> Result<()> {
    workspace.hcl(&all(&[
        &unit("work", "Workloads"),
        &unit("prod", "Prod").set("parent", "fleet_organizational_unit.work.id"),
        &account("ours"),
        &account("bare"),
    ]))?;
    workspace.apply()?;
    let state = workspace.state()?;
    let bare = state.resource("fleet_account.bare")?.string("id")?;
    let request =
        json!({"ResourceId": bare, "TagKeys": ["fleet:id", "fleet:key", "fleet:managed-by"]});
    workspace.aws.call("organizations", "untag_resource", &request)?;

    let prod = state.resource("fleet_organizational_unit.prod")?.string("id")?;
    for name in ["zebra", "lynx", "ant", "other", "over"] {
        let id = outsider::account(workspace, name)?;
        match name {
            "lynx" => outsider::tag(workspace, &id, "fleet:released-from", "somebody")?,
            "other" => outsider::tag(workspace, &id, "fleet:managed-by", "somebody-else")?,
            _ => {}
        }
        if name != "zebra" {
            let (from, to) = (root(workspace)?, prod);
            let request =
                json!({"AccountId": id, "SourceParentId": from, "DestinationParentId": to});
            workspace.aws.call("organizations", "move_account", &request)?;
        }
    }
    let suspended = json!({"account": "over", "state": "SUSPENDED"});
    workspace.aws.emulator()?.post("state", &suspended)?;
    Ok(())
}

fn root(workspace: &Workspace) -> Result<Value> {
    let roots = workspace.aws.call("organizations", "list_roots", &json!({}))?;
    Ok(roots["Roots"][0]["Id"].clone())
}

#[test]
fn what_nobody_manages_is_found() -> Result<()> {
    let workspace = workspace()?;
    organization(&workspace)?;
    let emulator = workspace.aws.emulator()?;
    let everything = ["ant (aws+ant", "lynx (aws+lynx", "zebra (aws+zebra"];
    emulator.forget_calls()?;
    assert_eq!(names(&workspace, "", "")?, everything);
    let calls = emulator.calls()?;
    assert_eq!(calls["organizations:ListTagsForResource"], 3, "{calls:?}");
    assert!(!calls.contains_key("organizations:DescribeAccount"), "{calls:?}");

    // A place is all that is below it.
    let work =
        workspace.state()?.resource("fleet_organizational_unit.work")?.string("id")?.to_owned();
    for place in ["Workloads", "Workloads/Prod", &work] {
        let config = format!("parent = \"{place}\"");
        assert_eq!(names(&workspace, "", &config)?, everything[..2], "{place}");
    }

    // A limit bounds the calls too.
    emulator.forget_calls()?;
    assert_eq!(names(&workspace, "limit = 2", "")?, everything[..2]);
    assert_eq!(emulator.calls()?["organizations:ListTagsForResource"], 2);

    // Where the tag index may not be read, the accounts are asked one by one.
    let denied =
        json!({"operation": "GetResources", "kind": "error", "code": "AccessDeniedException"});
    emulator.post("faults", &denied)?;
    assert_eq!(names(&workspace, "", "")?, everything);

    search(&workspace, "include_resource = true", "")?;
    let run = workspace.run(&["query", "-json"])?.success()?;
    let zebra = &found(&run)[2];
    let object = &zebra["resource_object"];
    assert_eq!(zebra["identity"], json!({"id": object["id"]}));
    assert_eq!((&object["name"], &object["state"]), (&json!("zebra"), &json!("ACTIVE")));
    assert_eq!(object["parent_id"], root(&workspace)?);
    assert_eq!((&object["adopt"], &object["key"]), (&Value::Null, &Value::Null));
    Ok(())
}

#[test]
fn what_is_found_becomes_a_block_that_takes_it_over() -> Result<()> {
    let workspace = workspace()?;
    workspace.hcl("")?;
    let id = outsider::account(&workspace, "Data Lake")?;
    workspace.aws.emulator()?.post("age", &json!({"account": "Data Lake", "seconds": 3600}))?;
    search(&workspace, "", "")?;
    workspace.run(&["query", "-generate-config-out=found.tf"])?.success()?;
    let generated = workspace.read("work/found.tf")?;
    let has = |line: &str| generated.lines().any(|found| words(found) == line);
    for line in ["name = \"Data Lake\"", "key = \"data-lake\"", "adopt = true", "owner = null"] {
        assert!(has(line), "{line}: {generated}");
    }

    // What only a person knows is asked for.
    let run = workspace.try_plan(&[])?.failure()?;
    let asked = run.errors().filter(|error| error.detail.contains("is required")).count();
    assert_eq!(asked, 8, "{run}");
    workspace.write("work/found.tf", &filled_in(&generated))?;
    let plan = workspace.plan()?;
    let said = plan.run.warning("FLEET0151")?;
    assert!(said.detail.contains(&id), "{said}");
    assert_eq!(tags(&workspace, &id)?, json!({}));
    workspace.apply_saved()?.success()?;
    let state = workspace.state()?;
    let ours = state.resource("fleet_account.unmanaged_0")?;
    assert_eq!((ours.string("id")?, ours.string("key")?), (&*id, "data-lake"));
    assert_eq!(ours.values["ready"], true);
    workspace.assert_unchanged()?;
    assert_eq!(names(&workspace, "", "")?, [""; 0]);
    Ok(())
}

#[test]
fn accounts_of_one_name_become_blocks_of_keys_of_their_own() -> Result<()> {
    let workspace = workspace()?;
    workspace.hcl(&account("data-lake").text("email", "aws+lake@example.com").to_string())?;
    workspace.apply()?;
    // The inventory has the key of the one, and the other two would make one.
    let lake = outsider::account(&workspace, "Data Lake")?;
    outsider::account(&workspace, "Payments  EU")?;
    let second = outsider::account(&workspace, "payments-eu")?;
    search(&workspace, "", "")?;
    workspace.run(&["query", "-generate-config-out=found.tf"])?.success()?;
    let generated = workspace.read("work/found.tf")?;
    let keys: Vec<String> =
        generated.lines().map(words).filter(|line| line.starts_with("key = ")).collect();
    let wanted = [&format!("data-lake-{lake}"), "payments-eu", &format!("payments-eu-{second}")];
    assert_eq!(keys, wanted.map(|key| format!("key = \"{key}\"")), "{generated}");
    Ok(())
}

fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The block with the person's part, which is that of [`account`].
fn filled_in(generated: &str) -> String {
    let ours = account("any").to_string();
    let mut text = String::new();
    for line in generated.lines() {
        let attribute = words(line).strip_suffix(" = null").map(|name| format!("  {name} = "));
        let filled = attribute.and_then(|start| ours.lines().find(|of| of.starts_with(&start)));
        text += &format!("{}\n", filled.unwrap_or(line));
    }
    text
}

#[test]
fn trouble_is_told_and_never_hides_an_account() -> Result<()> {
    let workspace = workspace()?;
    workspace.hcl(&unit("work", "Workloads").to_string())?;
    workspace.apply()?;
    for name in ["a", "b"] {
        outsider::account(&workspace, name)?;
    }
    for (place, code, words) in [
        ("Workload", "FLEET0506", "Workloads"),
        ("ou-ab12-12345678", "FLEET0507", "ou-ab12-12345678"),
        ("/Workloads", "FLEET0101", "one `/` between"),
    ] {
        search(&workspace, "", &format!("parent = \"{place}\""))?;
        let run = workspace.run(&["query", "-json"])?.failure()?;
        let error = run.error(code)?;
        assert!(error.detail.contains(words), "{error}");
        let snippet = error.snippet.as_ref().map(|of| of.code.trim());
        assert_eq!(snippet, Some(&*format!("parent = \"{place}\"")), "{run}");
    }

    let emulator = workspace.aws.emulator()?;
    let fault = |code: &str| {
        let fault = json!({"operation": "ListTagsForResource", "kind": "error", "code": code});
        emulator.post("faults", &fault)
    };
    fault("TargetNotFoundException")?;
    assert_eq!(names(&workspace, "", "")?, ["b (aws+b"], "one that is gone is not missed");

    fault("AccessDeniedException")?;
    let run = workspace.run(&["query", "-json"])?.failure()?;
    let error = run.error("FLEET0510")?;
    assert!(
        error.detail.contains("(a)") && error.detail.contains("ListTagsForResource"),
        "{error}"
    );
    Ok(())
}
