//! The provider block: where credentials come from, and whose tags are whose.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, one_cli};
use serde_json::json;

use crate::hcl::{account, all, unit};
use crate::roles::{MANAGEMENT, allows, assumed, role, role_by_token};

one_cli!(
    a_profile_of_a_named_file_is_the_only_source,
    ignored_tags_belong_to_others,
    a_forbidden_account_is_refused,
    a_pipeline_enters_by_its_token,
);

/// The provider block with these lines in it, and `text`.
fn hcl(workspace: &Workspace, lines: &str, text: &str) -> Result<()> {
    workspace.hcl_whole(&format!(
        "terraform {{\n  required_providers {{\n    fleet = {{\n      source = \"fleet-iac/fleet\"\n    }}\n  }}\n}}\n\nprovider \"fleet\" {{\n  managed_by = \"acceptance\"\n  region     = \"us-east-1\"\n  {lines}\n\
         \n  inventory {{\n    path = \"../inventory\"\n  }}\n}}\n\n{text}"
    ))
}

fn a_profile_of_a_named_file_is_the_only_source(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.write(
        "credentials",
        "[vending]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example\n",
    )?;
    let with = |profile: &str| {
        format!("profile = \"{profile}\"\n  shared_credentials_files = [\"../credentials\"]")
    };
    hcl(&workspace, &with("vending"), &unit("prod", "Prod").to_string())?;
    workspace.apply()?;
    workspace.assert_unchanged()?;

    // The environment has keys: they are not taken instead.
    hcl(&workspace, &with("missing"), &unit("prod", "Prod").to_string())?;
    let run = workspace.try_plan(&[])?.failure()?;
    let said = run.errors().map(|error| error.detail.clone()).collect::<String>();
    assert!(said.contains("`missing`"), "{run}");
    Ok(())
}

fn ignored_tags_belong_to_others(cli: Cli) -> Result<()> {
    const LINES: &str = "default_tags {\n    tags = { team = \"a\", backup = \"daily\" }\n  }\n  \
                         ignore_tags {\n    keys         = [\"backup\"]\n    key_prefixes = [\"cost:\"]\n  }";
    const RESOURCES: [&str; 2] = ["fleet_organizational_unit.prod", "fleet_account.a"];
    let workspace = Workspace::new(cli)?;
    let tagged = |tags: &str| {
        all(&[&unit("prod", "Prod").set("tags", tags), &account("a").set("tags", tags)])
    };
    hcl(&workspace, LINES, &tagged("{ app = \"x\" }"))?;
    workspace.apply()?;
    let state = workspace.state()?;
    for made in RESOURCES {
        let tags = &state.resource(made)?.values["tags_all"];
        assert_eq!(*tags, json!({"app": "x", "team": "a"}), "{made}");
    }

    // What others write under an ignored key is no drift, and stays.
    let foreign =
        json!([{"Key": "backup", "Value": "hourly"}, {"Key": "cost:center", "Value": "1"}]);
    for made in RESOURCES {
        let tag = json!({"ResourceId": state.resource(made)?.string("id")?, "Tags": foreign});
        workspace.aws.call("organizations", "tag_resource", &tag)?;
    }
    workspace.assert_unchanged()?;
    hcl(&workspace, LINES, &tagged("{ app = \"y\" }"))?;
    workspace.apply()?;
    for made in RESOURCES {
        let asked = json!({"ResourceId": state.resource(made)?.string("id")?});
        let carried = workspace.aws.call("organizations", "list_tags_for_resource", &asked)?;
        let carries = |tag| carried["Tags"].as_array().is_some_and(|tags| tags.contains(tag));
        assert!(foreign.as_array().into_iter().flatten().all(carries), "{made}: {carried}");
        assert!(carries(&json!({"Key": "app", "Value": "y"})), "{made}: {carried}");
    }
    workspace.assert_unchanged()?;

    hcl(&workspace, LINES, &tagged("{ \"cost:center\" = \"2\" }"))?;
    let run = workspace.try_plan(&[])?.failure()?;
    assert_eq!(run.errors().filter(|error| error.code() == Some("FLEET0010")).count(), 2, "{run}");
    Ok(())
}

fn a_forbidden_account_is_refused(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let caller = workspace.aws.call("sts", "get_caller_identity", &json!({}))?;
    let account = caller["Account"].as_str().unwrap_or_default();
    let lines = format!("forbidden_account_ids = [\"{account}\"]");
    hcl(&workspace, &lines, &unit("prod", "Prod").to_string())?;
    let run = workspace.try_apply(&[])?.failure()?;
    let said = run.errors().map(|error| error.detail.clone()).collect::<String>();
    assert!(said.contains("forbidden_account_ids") && said.contains(account), "{run}");
    Ok(())
}

/// A token opens the first role, and two more are assumed from there. The block's role and token win over those of the
/// environment, which need no block at all.
fn a_pipeline_enters_by_its_token(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.write("token", "a-token\n")?;
    let token = workspace.file("token").display().to_string();
    let assumes = allows(&["sts:AssumeRole"]);
    let given = role_by_token(&workspace, &[], "given", &assumes.to_string())?;
    let found = role_by_token(&workspace, &[], "found", &assumes.to_string())?;
    let first = role(&workspace, "first", MANAGEMENT, &assumes)?;
    let second = role(&workspace, "second", MANAGEMENT, &allows(&["organizations:*", "tag:*"]))?;
    let workspace = workspace.with_variables(&[
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_ROLE_ARN", &found),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &token),
        ("TF_APPEND_USER_AGENT", "pipeline/7"),
    ]);

    let chain = format!(
        "assume_role {{\n    role_arn = \"{first}\"\n  }}\n  assume_role {{\n    role_arn = \"{second}\"\n  }}"
    );
    let block = format!(
        "assume_role_with_web_identity {{\n    role_arn                = \"{given}\"\n    web_identity_token_file = \"../token\"\n  }}\n  {chain}"
    );
    let empty_block = format!("assume_role_with_web_identity {{}}\n  {chain}");
    for (lines, opened) in [(&block, "given"), (&empty_block, "found"), (&chain, "found")] {
        let before = assumed(&workspace)?.len();
        hcl(&workspace, lines, &unit("prod", "Prod").to_string())?;
        if opened == "given" {
            workspace.apply()?;
        } else {
            assert!(workspace.plan()?.actions.is_empty(), "{lines}");
        }
        let roles = assumed(&workspace)?.split_off(before);
        assert!(!roles.is_empty() && roles.len() % 3 == 0, "{roles:?}");
        for chain in roles.chunks(3) {
            assert_eq!(chain, [opened, "first", "second"], "{lines}");
        }
    }

    let agents = workspace.aws.emulator()?.get("agents")?;
    let agents = agents.as_object().context("no agents")?;
    for call in ["None:AssumeRoleWithWebIdentity", "sts:AssumeRole", "organizations:ListRoots"] {
        let agent = agents.get(call).and_then(|agent| agent.as_str()).context(call)?;
        assert!(agent.starts_with("aws-sdk-rust/") && agent.ends_with(" pipeline/7"), "{agent}");
    }
    Ok(())
}
