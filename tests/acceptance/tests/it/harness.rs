//! The harness itself, with a resource that every CLI has built in: so a failure elsewhere is the provider's.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::json;

each_cli!(it_tells_changes_from_none, it_reads_errors);

one_cli!(it_reaches_aws);

fn it_tells_changes_from_none(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl_whole("resource \"terraform_data\" \"a\" {\n  input = \"one\"\n}\n")?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions["terraform_data.a"], "create");
    assert!(plan.is_unknown("terraform_data.a", "id"));
    workspace.apply_saved()?.success()?;
    assert_eq!(workspace.state()?.resource("terraform_data.a")?.string("output")?, "one");
    workspace.assert_unchanged()?;

    workspace.hcl_whole("resource \"terraform_data\" \"a\" {\n  input = \"two\"\n}\n")?;
    assert!(workspace.assert_unchanged().is_err());
    assert_eq!(workspace.plan()?.actions["terraform_data.a"], "update");
    workspace.try_destroy(&[])?.success()?;
    assert!(workspace.state()?.resources.is_empty());
    Ok(())
}

fn it_reads_errors(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl_whole(
        "locals {\n  one = 1\n}\n\nresource \"terraform_data\" \"a\" {\n  lifecycle {\n    precondition {\n      condition     = local.one > 2\n      error_message = \"No.\"\n    }\n  }\n}\n",
    )?;
    let run = workspace.try_plan(&[])?.failure()?;
    let errors: Vec<_> = run.errors().collect();
    assert_eq!(errors.len(), 1, "{run}");
    assert_eq!(errors[0].summary, "Resource precondition failed");
    assert!(errors[0].to_string().contains("condition     = local.one > 2"), "{run}");
    Ok(())
}

fn it_reaches_aws(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let organization = workspace.aws.call("organizations", "describe_organization", &json!({}))?;
    assert_eq!(organization["Organization"]["FeatureSet"], "ALL");
    let listed = workspace.aws.call("organizations", "list_accounts", &json!({}))?;
    assert_eq!(listed["Accounts"].as_array().map(Vec::len), Some(1));
    Ok(())
}
