//! `fleet_account`: vended, changed in place, imported, many at once.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::{Value, json};

use crate::hcl::{account, all, cluster, unit};
use crate::outsider;

each_cli!(
    it_becomes_ready_and_stays_so,
    it_changes_in_place,
    it_is_imported,
    a_saved_plan_is_applied,
    a_create_that_fails_leaves_nothing,
);

one_cli!(
    thirteen_at_once,
    a_slow_account_is_a_warning_and_the_next_apply_goes_on,
    throttling_is_waited_out,
);

/// The tags of an account.
pub(crate) fn tags(workspace: &Workspace, id: &str) -> Result<Value> {
    let answer = workspace.aws.call(
        "organizations",
        "list_tags_for_resource",
        &json!({"ResourceId": id}),
    )?;
    let tags = answer["Tags"].as_array().context("no tags")?;
    Ok(tags
        .iter()
        .filter_map(|tag| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].clone())))
        .collect())
}

/// Every account of the organization but the management account: name → id.
pub(crate) fn members(workspace: &Workspace) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut parameters = json!({});
    loop {
        let page = workspace.aws.call("organizations", "list_accounts", &parameters)?;
        for row in page["Accounts"].as_array().into_iter().flatten() {
            let (Some(name), Some(id)) = (row["Name"].as_str(), row["Id"].as_str()) else {
                continue;
            };
            if row["Email"] != "master@example.com" {
                found.push((name.to_owned(), id.to_owned()));
            }
        }
        match page["NextToken"].as_str() {
            Some(token) => parameters = json!({"NextToken": token}),
            None => return Ok(found),
        }
    }
}

/// A workspace in which the account `a` was vended; and its id.
pub(crate) fn vended(cli: Cli) -> Result<(Workspace, String)> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    Ok((workspace, id))
}

pub(crate) fn it_becomes_ready_and_stays_so(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&all(&[
        &unit("prod", "Prod"),
        &account("a")
            .set("parent", "fleet_organizational_unit.prod.id")
            .set("region_set", "[\"ap-southeast-1\", \"ap-southeast-3\"]")
            .set("tags", "{ cost-center = \"4711\" }")
            .set(
                "identity",
                "{\n    providers = { github = { url = \"https://token.actions.githubusercontent.com\", audiences = [\"sts.amazonaws.com\"] } }\n    \
                 roles = { apply = { provider = \"github\", owner_id = \"1\", repository_id = \"2\", claims = { repository = \"example/platform\", environment = \"a\" } } }\n  }",
            ),
    ]))?;
    workspace.apply()?;

    let state = workspace.state()?;
    let vended = state.resource("fleet_account.a")?;
    assert_eq!(vended.string("phase")?, "ready", "{:#}", vended.values);
    assert_eq!(vended.values["ready"], true);
    assert_eq!(vended.string("lifecycle_phase")?, "active");
    assert_eq!(
        vended.values["parent_id"],
        state.resource("fleet_organizational_unit.prod")?.values["id"]
    );
    assert!(vended.values["tags_all"].get("fleet:id").is_none(), "fleet: tags are not the user's");
    assert_eq!(vended.values["tags_all"]["cost-center"], "4711");

    let id = vended.string("id")?;
    let tags = tags(&workspace, id)?;
    assert_eq!(tags["fleet:key"], "a");
    assert_eq!(tags["fleet:managed-by"], "acceptance");
    assert_eq!(tags["cost-center"], "4711");
    assert_eq!(tags["fleet:readiness"], "pass");
    let region = json!({"AccountId": id, "RegionName": "ap-southeast-3"});
    assert_eq!(
        workspace.aws.call("account", "get_region_opt_status", &region)?["RegionOptStatus"],
        "ENABLED"
    );
    let roles = workspace.aws.call_in(id, "iam", "list_roles", &json!({}))?;
    let names: Vec<_> = roles["Roles"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|role| role["RoleName"].clone())
        .collect();
    for role in ["fleet-apply", "fleet-plan", "fleet-read-only"] {
        assert!(names.contains(&json!(role)), "{role} is not in {names:?}");
    }
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains("ready: true"));

    workspace.assert_unchanged()?;
    let before = workspace.state_bytes()?;
    workspace.run(&["apply", "-json", "-auto-approve", "-refresh-only"])?.success()?;
    assert_eq!(
        before,
        workspace.state_bytes()?,
        "a refresh of an unchanged account changes no byte"
    );
    Ok(())
}

pub(crate) fn it_changes_in_place(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    workspace.hcl(&all(&[
        &unit("prod", "Prod"),
        &account("a")
            .text("owner", "payments")
            .set("parent", "fleet_organizational_unit.prod.id")
            .set("region_set", "[\"ap-southeast-1\", \"ap-southeast-3\"]")
            .set("tags", "{ cost-center = \"1\" }"),
    ]))?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["fleet_account.a"], "update");
    workspace.apply()?;
    let state = workspace.state()?;
    let changed = state.resource("fleet_account.a")?;
    assert_eq!(changed.string("id")?, id);
    assert_eq!(changed.string("phase")?, "ready", "{:#}", changed.values);
    assert_eq!(tags(&workspace, &id)?["cost-center"], "1");
    let parents = workspace.aws.call("organizations", "list_parents", &json!({"ChildId": id}))?;
    assert_eq!(
        parents["Parents"][0]["Id"],
        state.resource("fleet_organizational_unit.prod")?.values["id"]
    );
    workspace.assert_unchanged()?;

    // A tag that goes from the configuration goes from the account, ours stay.
    workspace.hcl(&all(&[
        &unit("prod", "Prod"),
        &account("a").text("owner", "payments").set("parent", "fleet_organizational_unit.prod.id"),
    ]))?;
    workspace.apply()?;
    let left = tags(&workspace, &id)?;
    assert!(left.get("cost-center").is_none(), "{left}");
    assert_eq!(left["fleet:key"], "a");
    workspace.assert_unchanged()
}

fn it_is_imported(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    let account_a = account("a")
        .set("timeouts", "{ create = \"45m\" }")
        .set("tags", "{ cost-center = \"1\" }")
        .text("budget_owner", "payments");
    workspace.hcl(&account_a.to_string())?;
    // None of this bears on the account's checks or its place.
    let plan = workspace.plan()?;
    for known in ["parent_id", "state", "phase", "ready", "readiness", "lifecycle_phase"] {
        assert!(!plan.is_unknown("fleet_account.a", known), "{known}");
    }
    assert!(plan.is_unknown("fleet_account.a", "inventory_sha256"));
    workspace.apply_saved()?.success()?;
    workspace.run(&["state", "rm", "fleet_account.a"])?.success()?;
    workspace.run(&["import", "-no-color", "fleet_account.a", &id])?.success()?;
    workspace.assert_unchanged()?;

    // An account of another manager is not taken over by an import.
    let other = outsider::account(&workspace, "other")?;
    outsider::tag(&workspace, &other, "fleet:managed-by", "somebody-else")?;
    workspace.hcl(&all(&[&account_a, &account("other"), &cluster("none", "a")]))?;
    let run = workspace.run(&["import", "-no-color", "fleet_account.other", &other])?.failure()?;
    assert!(run.to_string().contains("FLEET0115"), "{run}");
    let cluster = ["import", "-no-color", "fleet_cluster_registration.none", "none"];
    let run = workspace.run(&cluster)?.failure()?;
    assert!(run.to_string().contains("FLEET0313"), "{run}");
    Ok(())
}

fn a_saved_plan_is_applied(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["fleet_account.a"], "create");
    assert!(plan.is_unknown("fleet_account.a", "id"));
    assert_eq!(members(&workspace)?, []);
    workspace.apply_saved()?.success()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.values["ready"], true);
    workspace.assert_unchanged()
}

pub(crate) fn thirteen_at_once(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(cli, &["create_seconds=0.5", "role_seconds=0.2"])?;
    let blocks: Vec<String> = (0..13).map(|n| account(&format!("a{n}")).to_string()).collect();
    workspace.hcl(&blocks.concat())?;
    workspace.try_apply(&["-parallelism=20"])?.success()?;
    let mut names: Vec<String> = members(&workspace)?.into_iter().map(|(name, _)| name).collect();
    names.sort();
    let mut expected: Vec<String> = (0..13).map(|n| format!("a{n}")).collect();
    expected.sort();
    assert_eq!(names, expected, "one account per key");
    for (address, vended) in workspace.state()?.of_type("fleet_account") {
        assert_eq!(vended.values["ready"], true, "{address}: {:#}", vended.values);
    }
    let emulator = workspace.aws.emulator()?;
    emulator.forget_calls()?;
    workspace.plan()?;
    let calls = emulator.calls()?;
    assert_eq!(
        calls.get("organizations:ListAccounts"),
        Some(&1),
        "one sweep per refresh: {calls:?}"
    );
    assert_eq!(calls.get("organizations:CreateAccount"), None, "{calls:?}");
    workspace.assert_unchanged()
}

pub(crate) fn a_slow_account_is_a_warning_and_the_next_apply_goes_on(cli: Cli) -> Result<()> {
    // The account is there at once; its access role is not, for longer than the apply may take.
    let workspace = Workspace::with_aws(cli, &["create_seconds=0", "role_seconds=600"])?;
    workspace
        .hcl(&account("a").set("timeouts", "{ create = \"10s\", update = \"60s\" }").to_string())?;
    let run = workspace.apply()?;
    assert!(run.warnings().any(|warning| warning.summary.contains('a')), "{run}");
    let state = workspace.state()?;
    let waiting = state.resource("fleet_account.a")?;
    assert!(!waiting.tainted);
    assert_eq!(waiting.string("phase")?, "governed", "{}: {run}", waiting.values["status_reason"]);
    assert_eq!(waiting.values["ready"], false);
    assert!(!waiting.string("status_reason")?.is_empty());

    assert_eq!(workspace.plan()?.actions["fleet_account.a"], "update", "an apply has work to do");
    workspace.aws.emulator()?.post("settings", &json!({"role_seconds": 0}))?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("phase")?, "ready");
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}

pub(crate) fn a_create_that_fails_leaves_nothing(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace
        .hcl(&account("a").text("email", "aws+fail-invalid-address@example.com").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.to_string().contains("INVALID_ADDRESS"), "{run}");
    assert!(workspace.state()?.resources.is_empty());
    assert_eq!(members(&workspace)?, []);

    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    assert_eq!(members(&workspace)?.len(), 1);
    workspace.assert_unchanged()
}

pub(crate) fn throttling_is_waited_out(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let emulator = workspace.aws.emulator()?;
    for operation in
        ["CreateAccount", "DescribeCreateAccountStatus", "ListAccounts", "AssumeRole", "CreateRole"]
    {
        let code =
            if operation == "AssumeRole" { "Throttling" } else { "TooManyRequestsException" };
        emulator.post(
            "faults",
            &json!({"operation": operation, "kind": "error", "code": code, "times": 2}),
        )?;
    }
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.values["ready"], true);
    assert_eq!(members(&workspace)?.len(), 1);
    Ok(())
}
