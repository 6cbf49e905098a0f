//! A way to AWS that answers wrongly: each trouble is told by its cause, and none is taken for a change.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Run, Workspace, one_cli};
use serde_json::{Value, json};

use crate::hcl::{account, all, unit};

one_cli!(
    what_cannot_be_read_is_no_change,
    trouble_that_every_object_meets_is_told_once,
    credentials_that_end_in_an_apply_are_told,
);

fn vended(cli: Cli) -> Result<Workspace> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&all(&[&unit("prod", "Prod"), &account("a"), &account("b")]))?;
    workspace.apply()?;
    workspace.assert_unchanged()?;
    Ok(workspace)
}

fn fault(workspace: &Workspace, fault: &Value) -> Result<()> {
    workspace.aws.emulator()?.post("faults", fault)
}

fn what_cannot_be_read_is_no_change(cli: Cli) -> Result<()> {
    let workspace = vended(cli)?;
    let before = workspace.state()?;
    // What the organization does not let us read is no more about an account than what fails.
    let denied = |operation: &str| json!({"operation": operation, "kind": "error", "code": "AccessDeniedException", "status": 400, "times": 99});
    let of_organization = [
        "DescribePolicy",
        "ListAWSServiceAccessForOrganization",
        "ListPolicies",
        "ListRoots",
        "ListTargetsForPolicy",
    ];
    let others = [
        json!({"operation": "GetAccountPasswordPolicy", "kind": "error", "code": "ServiceFailure", "status": 500, "times": 99}),
        json!({"operation": "GetAccountAuthorizationDetails", "kind": "drop", "times": 99}),
        json!({"operation": "AssumeRole", "kind": "error", "code": "AccessDenied", "status": 403, "times": 99}),
        json!({"operation": "ListRegions", "kind": "empty", "times": 99}),
    ];
    for broken in of_organization.map(denied).into_iter().chain(others) {
        fault(&workspace, &broken)?;
        let run = workspace.try_plan(&[])?.success()?;
        let told = run.warnings().filter(|of| of.code() == Some("FLEET0544")).count();
        assert_eq!(told, 2, "one for each account: {broken}\n{run}");
        workspace.assert_unchanged()?;
        workspace.aws.emulator()?.delete("faults")?;
    }
    for address in ["fleet_account.a", "fleet_account.b"] {
        let values = |of: &fleet_acceptance::State| {
            Ok::<_, anyhow::Error>(of.resource(address)?.values.clone())
        };
        assert_eq!(values(&workspace.state()?)?, values(&before)?, "{address}");
    }
    let lacking = json!({"operation": "ListTagsForResource", "kind": "empty", "times": 99});
    fault(&workspace, &lacking)?;
    let run = workspace.try_plan(&[])?.failure()?;
    let said = &run.error("FLEET0542")?.detail;
    assert!(said.contains("`Tags[].Key`") && said.contains(workspace.aws.endpoint()), "{run}");
    workspace.aws.emulator()?.delete("faults")?;
    workspace.assert_unchanged()
}

fn trouble_that_every_object_meets_is_told_once(cli: Cli) -> Result<()> {
    let workspace = vended(cli)?;
    let blocks = all(&[&unit("prod", "Prod"), &account("a"), &account("b")]);
    // Whichever comes first, the others leave it at that.
    workspace.hcl(&format!("{blocks}\ndata \"fleet_organization\" \"this\" {{}}\n"))?;
    let denied = |operation: &str| json!({"operation": operation, "kind": "error", "code": "AccessDeniedException", "status": 400, "times": 9999});
    for (kind, code) in [
        (denied("ListAccounts"), "FLEET0510"),
        (json!({"operation": "ListAccounts", "kind": "empty", "times": 9999}), "FLEET0542"),
        (json!({"operation": "*", "kind": "drop", "times": 9999}), "FLEET0539"),
        (
            json!({"operation": "*", "kind": "error", "code": "ExpiredToken", "status": 403, "times": 9999}),
            "FLEET0536",
        ),
    ] {
        fault(&workspace, &kind)?;
        let run = workspace.try_plan(&[])?.failure()?;
        let error = run.errors().next().context("no error")?;
        assert_eq!((run.errors().count(), error.code()), (1, Some(code)), "{run}");
        assert!(error.detail.contains(workspace.aws.endpoint()), "{run}");
        workspace.aws.emulator()?.delete("faults")?;
    }
    workspace.assert_unchanged()
}

fn credentials_that_end_in_an_apply_are_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&all(&[
        &unit("prod", "Prod"),
        &account("a").set("parent", "fleet_organizational_unit.prod.id"),
    ]))?;
    let ended = |operation: &str| json!({"operation": operation, "kind": "error", "code": "ExpiredTokenException", "status": 400, "times": 99});
    fault(&workspace, &ended("MoveAccount"))?;
    fault(&workspace, &ended("AssumeRole"))?;
    let run = workspace.try_apply(&[])?.success()?;
    let said = run.warnings().map(|of| of.detail.clone()).collect::<String>();
    assert!(said.contains("Get new credentials"), "{run}");
    assert!(!said.contains("Another apply alone does not change this"), "{run}");
    let told =
        |run: &Run| run.diagnostics.iter().filter(|of| of.code() == Some("FLEET0536")).count();
    assert_eq!(told(&run), 1, "once, whatever it kept from being done: {run}");
    workspace.aws.emulator()?.delete("faults")?;
    workspace.apply()?;
    workspace.assert_unchanged()?;

    // An account of the state is not lost by an error: the apply ends with it, and nothing passes for made.
    workspace.hcl(&all(&[
        &unit("prod", "Prod"),
        &account("a")
            .set("parent", "fleet_organizational_unit.prod.id")
            .set("tags", "{ team = \"a\" }")
            .text("name", "Renamed"),
    ]))?;
    for operation in ["PutAccountName", "TagResource"] {
        fault(&workspace, &ended(operation))?;
    }
    let run = workspace.try_apply(&[])?.failure()?;
    assert_eq!((run.errors().count(), told(&run)), (1, 1), "{run}");
    assert!(run.error("FLEET0536")?.detail.contains("Nothing that came after"), "{run}");
    let state = workspace.state()?;
    let values = &state.resource("fleet_account.a")?.values;
    assert!(values["name"] != "Renamed" && values["tags"].is_null(), "{values}");
    workspace.aws.emulator()?.delete("faults")?;
    workspace.apply()?;
    workspace.assert_unchanged()
}
