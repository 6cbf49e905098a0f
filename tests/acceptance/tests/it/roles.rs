//! Whose credentials make which call: the organization's roles, the wrong account, a delegated administrator.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli};
use serde_json::{Value, json};

use crate::hcl::{account, all, unit};
use crate::outsider;

each_cli!(
    a_caller_in_the_wrong_account_is_told_at_once,
    a_delegated_administrator_reads_and_cannot_create,
    a_plan_never_assumes_the_role_that_writes,
);

const MANAGEMENT: &str = "123456789012";

/// The configuration with these lines in its provider block.
pub(crate) fn hcl(workspace: &Workspace, lines: &str, text: &str) -> Result<()> {
    workspace.hcl_whole(&format!(
        "terraform {{\n  required_providers {{\n    fleet = {{\n      source = \"fleet-iac/fleet\"\n    }}\n  }}\n}}\n\nprovider \"fleet\" {{\n  managed_by = \"acceptance\"\n  region     = \"us-east-1\"\n  {lines}\n\
         \n  inventory {{\n    path = \"../inventory\"\n  }}\n}}\n\n{text}"
    ))
}

/// A member account from which a pipeline works, and the lines that give the provider a session in it.
pub(crate) fn tooling(workspace: &Workspace) -> Result<(String, String)> {
    let id = outsider::account(workspace, "tooling")?;
    let role = json!({
        "RoleArn": format!("arn:aws:iam::{id}:role/OrganizationAccountAccessRole"),
        "RoleSessionName": "pipeline",
    });
    let given = workspace.aws.call("sts", "assume_role", &role)?;
    let key = |name: &str| given["Credentials"][name].as_str().unwrap_or_default().to_owned();
    let lines = format!(
        "access_key = \"{}\"\n  secret_key = \"{}\"\n  token      = \"{}\"",
        key("AccessKeyId"),
        key("SecretAccessKey"),
        key("SessionToken")
    );
    Ok((id, lines))
}

/// A role of the management account that `trusted` (an account) may assume, with this policy.
pub(crate) fn role(
    workspace: &Workspace,
    name: &str,
    trusted: &str,
    policy: &Value,
) -> Result<String> {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{trusted}:root")},
    }]});
    let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust.to_string()});
    let made = workspace.aws.call("iam", "create_role", &role)?;
    let policy =
        json!({"RoleName": name, "PolicyName": name, "PolicyDocument": policy.to_string()});
    workspace.aws.call("iam", "put_role_policy", &policy)?;
    Ok(made["Role"]["Arn"].as_str().context("no ARN")?.to_owned())
}

/// A policy that allows these actions everywhere.
fn allows(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

/// The roles that were assumed so far, in order: the ends of their ARNs.
pub(crate) fn assumed(workspace: &Workspace) -> Result<Vec<String>> {
    let sessions = workspace.aws.emulator()?.get("sessions")?;
    let name = |of: &Value| of["role_arn"].as_str()?.rsplit('/').next().map(str::to_owned);
    Ok(sessions.as_array().into_iter().flatten().filter_map(name).collect())
}

fn a_caller_in_the_wrong_account_is_told_at_once(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (tooling, keys) = tooling(&workspace)?;
    workspace.aws.emulator()?.forget_calls()?;
    hcl(&workspace, &keys, &all(&[&account("a"), &unit("prod", "Prod")]))?;
    let run = workspace.try_plan(&[])?.failure()?;
    let said = &run.error("FLEET0012")?.detail;
    assert!(said.contains(&tooling) && said.contains(MANAGEMENT), "{run}");
    assert!(said.contains("organization.write_role_arn"), "{run}");
    let calls = workspace.aws.emulator()?.calls()?;
    let names: Vec<_> = calls.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "organizations:DescribeOrganization",
            "organizations:ListDelegatedAdministrators",
            "sts:GetCallerIdentity"
        ]
    );
    Ok(())
}

fn a_delegated_administrator_reads_and_cannot_create(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let prod = || unit("prod", "Prod").set("tags", "{ tier = \"prod\" }");
    hcl(&workspace, "", &prod().to_string())?;
    workspace.apply()?;

    let (tooling, keys) = tooling(&workspace)?;
    let delegate = json!({"AccountId": tooling, "ServicePrincipal": "account.amazonaws.com"});
    workspace.aws.call("organizations", "register_delegated_administrator", &delegate)?;
    hcl(&workspace, &keys, &prod().to_string())?;
    workspace.assert_unchanged()?;

    // Tags are a delegated administrator's to write.
    hcl(&workspace, &keys, &prod().set("tags", "{ tier = \"live\" }").to_string())?;
    workspace.apply()?;

    for refused in [
        unit("prod", "Live").to_string(),
        all(&[&prod(), &unit("more", "More")]),
        all(&[&prod(), &account("a")]),
        String::new(),
    ] {
        hcl(&workspace, &keys, &refused)?;
        let run = workspace.try_plan(&[])?.failure()?;
        let said = &run.error("FLEET0013")?.detail;
        assert!(said.contains(&tooling) && said.contains(MANAGEMENT), "{run}");
    }
    Ok(())
}

fn a_plan_never_assumes_the_role_that_writes(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let reads = ["organizations:Describe*", "organizations:List*", "tag:GetResources"];
    let reader = role(
        &workspace,
        "reader",
        MANAGEMENT,
        &allows(&[&reads[..], &["account:ListRegions"]].concat()),
    )?;
    let writes = ["organizations:*", "account:EnableRegion"];
    let writer = role(&workspace, "writer", MANAGEMENT, &allows(&writes))?;
    let roles = format!(
        "organization {{\n    read_role_arn  = \"{reader}\"\n    write_role_arn = \"{writer}\"\n  }}"
    );
    let both = all(&[
        &unit("prod", "Prod"),
        &account("a").set("parent", "fleet_organizational_unit.prod.id"),
    ]);
    hcl(&workspace, &roles, &both)?;
    workspace.plan()?;
    assert_eq!(assumed(&workspace)?, ["reader"]);

    workspace.apply_saved()?.success()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("phase")?, "ready");
    assert!(assumed(&workspace)?.contains(&"writer".to_owned()), "{:?}", assumed(&workspace)?);

    let before = assumed(&workspace)?.len();
    workspace.assert_unchanged()?;
    let since = assumed(&workspace)?.split_off(before);
    assert!(!since.contains(&"writer".to_owned()), "{since:?}");
    Ok(())
}
