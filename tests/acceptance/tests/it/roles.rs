//! Whose credentials make which call: the organization's roles, the wrong account, a delegated administrator.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Run, Workspace, one_cli};
use serde_json::{Value, json};

use crate::decommission::SPARING;
use crate::hcl::{account, all, unit};
use crate::outsider;

one_cli!(
    a_caller_in_the_wrong_account_is_told_at_once,
    a_delegated_administrator_reads_and_cannot_create,
    a_delegated_administrator_takes_no_account_out_of_use,
    a_plan_never_assumes_the_role_that_writes,
    a_plan_holds_read_rights_only,
    scoped_roles_are_made_once_and_used_since,
    a_source_identity_and_transitive_tags_go_all_the_way,
    an_account_without_an_access_role_says_what_to_run,
);

pub(crate) const MANAGEMENT: &str = "123456789012";

/// The roles of vending's own in member accounts.
const MEMBERS: &str = "member_access {\n    manage_role_name = \"fleet-vending\"\n    read_role_name   = \"fleet-vending-plan\"\n  }";

/// What a session with a source identity and transitive tags has to be allowed, to assume a role and by that role.
pub(crate) const ASSUME: [&str; 3] = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];

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
        "Effect": "Allow", "Action": ASSUME,
        "Principal": {"AWS": format!("arn:aws:iam::{trusted}:root")},
    }]});
    role_in(workspace, &[], name, &trust.to_string(), &policy.to_string())
}

/// A role that a token of an identity provider opens, like [`role_in`].
pub(crate) fn role_by_token(
    workspace: &Workspace,
    makers: &[&str],
    name: &str,
    policy: &str,
) -> Result<String> {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::{MANAGEMENT}:oidc-provider/example.com")},
    }]});
    role_in(workspace, makers, name, &trust.to_string(), policy)
}

/// A role with this trust and this policy: where the last of `makers` makes it, in the management account without one.
pub(crate) fn role_in(
    workspace: &Workspace,
    makers: &[&str],
    name: &str,
    trust: &str,
    policy: &str,
) -> Result<String> {
    let role = json!({"RoleName": name, "AssumeRolePolicyDocument": trust});
    let made = workspace.aws.call_as(makers, "iam", "create_role", &role)?;
    let policy = json!({"RoleName": name, "PolicyName": name, "PolicyDocument": policy});
    workspace.aws.call_as(makers, "iam", "put_role_policy", &policy)?;
    Ok(made["Role"]["Arn"].as_str().context("no ARN")?.to_owned())
}

/// A policy that allows these actions everywhere.
pub(crate) fn allows(actions: &[&str]) -> Value {
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

fn a_delegated_administrator_takes_no_account_out_of_use(cli: Cli) -> Result<()> {
    const QUARANTINE: &str = "quarantine {\n    parent = \"Quarantine\"\n  }";
    let workspace = Workspace::new(cli)?;
    let block = |name: &str, state: &str| {
        account(name).text("lifecycle_state", state).set("close_on_deletion", "true")
    };
    let used = block("used", "active");
    let fleet = |frozen: &str, retired: &str| {
        let quarantine = unit("quarantine", "Quarantine");
        all(&[&quarantine, &used, &block("frozen", frozen), &block("retired", retired)])
    };
    for (frozen, retired) in [("active", "active"), ("active", "frozen"), ("frozen", "retired")] {
        hcl(&workspace, QUARANTINE, &fleet(frozen, retired))?;
        workspace.apply()?;
        if retired == "active" {
            hold(&workspace)?;
        }
    }

    let (tooling, keys) = tooling(&workspace)?;
    let delegate = json!({"AccountId": tooling, "ServicePrincipal": "account.amazonaws.com"});
    workspace.aws.call("organizations", "register_delegated_administrator", &delegate)?;
    let lines = format!("{keys}\n\n  {QUARANTINE}");
    let plan = |text: &str| -> Result<Run> {
        hcl(&workspace, &lines, text)?;
        workspace.try_plan(&["-refresh=false"])
    };
    plan(&fleet("frozen", "retired"))?.success()?;
    let all_of_it = fleet("frozen", "retired");
    for (text, verb, line) in [
        (
            all_of_it.replace(&used.to_string(), &block("used", "frozen").to_string()),
            "move",
            "lifecycle_state = \"frozen\"",
        ),
        (fleet("active", "retired"), "move", "lifecycle_state = \"active\""),
        (all_of_it.replace(&block("retired", "retired").to_string(), ""), "close", "retired"),
    ] {
        let run = plan(&text)?.failure()?;
        assert_eq!(run.errors().count(), 1, "{run}");
        let said = run.error("FLEET0013")?.to_string();
        for part in [verb, line, &tooling, MANAGEMENT] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    Ok(())
}

/// Everything in the unit of the quarantine is denied but to the provider.
fn hold(workspace: &Workspace) -> Result<()> {
    let policy = json!({"Name": "hold", "Description": "nothing but vending", "Type": "SERVICE_CONTROL_POLICY", "Content": SPARING});
    let policy = workspace.aws.call("organizations", "create_policy", &policy)?;
    let unit = workspace
        .state()?
        .resource("fleet_organizational_unit.quarantine")?
        .string("id")?
        .to_owned();
    let attached = json!({"PolicyId": policy["Policy"]["PolicySummary"]["Id"], "TargetId": unit});
    workspace.aws.call("organizations", "attach_policy", &attached)?;
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
    let writes = ["organizations:*", "account:EnableRegion", "sts:AssumeRole"];
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

/// The sessions in member accounts since the first `before` of all: role, and whether reads are all they allow.
fn entered(workspace: &Workspace, before: usize) -> Result<Vec<(String, bool)>> {
    let sessions = workspace.aws.emulator()?.get("sessions")?;
    let sessions = sessions.as_array().into_iter().flatten().skip(before);
    let audit = json!(["arn:aws:iam::aws:policy/SecurityAudit"]);
    Ok(sessions
        .filter_map(|of| {
            let (account, role) = of["role_arn"].as_str()?.split_once(":role/")?;
            let limited = of["policy_arns"] == audit && of["policy"].is_string();
            (!account.ends_with(MANAGEMENT)).then(|| (role.to_owned(), limited))
        })
        .collect())
}

fn a_plan_holds_read_rights_only(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    let worked = entered(&workspace, 0)?;
    assert_eq!(worked, [("OrganizationAccountAccessRole".to_owned(), false)]);

    // Whatever the role may: the emulated AWS refuses what the session's policies leave out.
    workspace.assert_unchanged()?;
    let looked = entered(&workspace, worked.len())?;
    assert!(!looked.is_empty() && looked.iter().all(|(_, limited)| *limited), "{looked:?}");
    Ok(())
}

fn scoped_roles_are_made_once_and_used_since(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    hcl(&workspace, MEMBERS, &account("a").to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.string("phase")?, "ready");
    let mut seen = entered(&workspace, 0)?.len();
    workspace.assert_unchanged()?;
    let looked = entered(&workspace, seen)?;
    assert!(looked.iter().all(|of| *of == ("fleet-vending-plan".to_owned(), true)), "{looked:?}");

    // Drift of an access role is mended with the managing role, whose policy the emulated AWS enforces.
    let edge = json!({"RoleName": "fleet-apply"});
    workspace.aws.call_in(&id, "iam", "delete_role_permissions_boundary", &edge)?;
    workspace.aws.call_in(&id, "iam", "delete_account_password_policy", &json!({}))?;
    seen = workspace.aws.emulator()?.get("sessions")?.as_array().map_or(0, Vec::len);
    workspace.apply()?;
    let roles: Vec<_> = entered(&workspace, seen)?.into_iter().map(|(role, _)| role).collect();
    assert!(roles.contains(&"fleet-vending".to_owned()), "{roles:?}");
    assert!(!roles.contains(&"OrganizationAccountAccessRole".to_owned()), "{roles:?}");
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.values["ready"], true);

    // The managing role may not change itself: what somebody did to it, a bootstrap role undoes.
    let detach =
        json!({"RoleName": "fleet-vending", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"});
    workspace.aws.call_in(&id, "iam", "attach_role_policy", &detach)?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.values["ready"], true);
    workspace.assert_unchanged()?;

    // Retired, the account keeps no way in that was ours; back in use it has them again.
    for (lifecycle, effect) in [("retired", "Deny"), ("active", "Allow")] {
        hcl(&workspace, MEMBERS, &account("a").text("lifecycle_state", lifecycle).to_string())?;
        workspace.apply()?;
        for name in ["fleet-vending", "fleet-vending-plan", "fleet-plan"] {
            let asked = json!({"RoleName": name});
            let role = workspace.aws.call_in(&id, "iam", "get_role", &asked)?;
            let trust = &role["Role"]["AssumeRolePolicyDocument"]["Statement"][0];
            assert_eq!(trust["Effect"], effect, "{lifecycle} {name}: {role}");
        }
        workspace.assert_unchanged()?;
    }
    Ok(())
}

/// The generated policies of who plans and of who applies.
fn generated(workspace: &Workspace) -> Result<(Value, Value)> {
    let organization =
        workspace.aws.call("organizations", "describe_organization", &json!({}))?["Organization"]
            .clone();
    let generated = format!(
        "data \"fleet_access_policies\" \"this\" {{\n  organization_id = {}\n  management_account_id = \"{MANAGEMENT}\"\n  \
         manage_role_name = \"fleet-vending\"\n  read_role_name = \"fleet-vending-plan\"\n}}\n\n\
         output \"reader\" {{\n  value = data.fleet_access_policies.this.plan_reader\n}}\n\n\
         output \"writer\" {{\n  value = data.fleet_access_policies.this.vending_writer\n}}\n",
        organization["Id"]
    );
    hcl(workspace, "", &generated)?;
    workspace.apply()?;
    let shown = workspace.show(&[])?;
    let policy = |name: &str| -> Result<Value> {
        let text = shown["values"]["outputs"][name]["value"].as_str().context("no policy")?;
        Ok(serde_json::from_str(text)?)
    };
    Ok((policy("reader")?, policy("writer")?))
}

fn a_source_identity_and_transitive_tags_go_all_the_way(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let (reads, writes) = generated(&workspace)?;
    let pipeline = role(&workspace, "pipeline", MANAGEMENT, &allows(&ASSUME))?;
    let reader = role(&workspace, "reader", MANAGEMENT, &reads)?;
    let writer = role(&workspace, "writer", MANAGEMENT, &writes)?;
    let lines = |more: &str| {
        format!(
            "assume_role {{\n    role_arn = \"{pipeline}\"\n{more}  }}\n\n  organization {{\n    read_role_arn  = \"{reader}\"\n    \
             write_role_arn = \"{writer}\"\n  }}\n\n  {MEMBERS}"
        )
    };
    hcl(&workspace, &lines(""), &account("a").to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();

    // The chain: pipeline, reader or writer; the role in the account.
    let handed_on = "    source_identity     = \"someone\"\n    tags                = { team = \"a\" }\n    transitive_tag_keys = [\"team\"]\n";
    workspace.aws.call_in(&id, "iam", "delete_account_password_policy", &json!({}))?;
    let before = assumed(&workspace)?.len();
    hcl(
        &workspace,
        &lines(handed_on),
        &account("a").set("tags", "{ tier = \"live\" }").to_string(),
    )?;
    workspace.apply()?;
    assert_eq!(workspace.state()?.resource("fleet_account.a")?.values["ready"], true);
    workspace.assert_unchanged()?;
    let roles: BTreeSet<_> = assumed(&workspace)?.split_off(before).into_iter().collect();
    let chain = ["fleet-vending", "fleet-vending-plan", "pipeline", "reader", "writer"];
    assert!(roles.iter().eq(chain), "{roles:?}");
    let sessions = workspace.aws.emulator()?.get("sessions")?;
    for session in sessions.as_array().into_iter().flatten().skip(before) {
        assert_eq!(session["source_identity"], "someone", "{session}");
        assert_eq!(session["transitive_tags"], json!(["team"]), "{session}");
    }

    // The role that AWS makes in a new account lets nobody in with them.
    let run = workspace.aws.call(
        "sts",
        "assume_role",
        &json!({
            "RoleArn": format!("arn:aws:iam::{id}:role/OrganizationAccountAccessRole"),
            "RoleSessionName": "test",
            "SourceIdentity": "someone",
        }),
    );
    assert!(run.is_err_and(|error| format!("{error:#}").contains("sts:SetSourceIdentity")));
    Ok(())
}

fn an_account_without_an_access_role_says_what_to_run(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    workspace.aws.emulator()?.post("age", &json!({"account": "a", "seconds": 86_400}))?;
    // It trusts somebody else from now on.
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
    }]});
    let changed =
        json!({"RoleName": "OrganizationAccountAccessRole", "PolicyDocument": trust.to_string()});
    workspace.aws.call_in(&id, "iam", "update_assume_role_policy", &changed)?;

    // What cannot be read is no change by itself: a plan says what to run, and an apply that has work is stopped.
    let remedied = |run: &Run, code: &str| -> Result<()> {
        let said = run.warning(code)?;
        assert!(said.summary.contains('a'), "{run}");
        for part in ["aws iam create-role", MANAGEMENT, &id, "OrganizationAccountAccessRole"] {
            assert!(said.detail.contains(part), "{part}: {run}");
        }
        Ok(())
    };
    remedied(&workspace.try_plan(&[])?.success()?, "FLEET0544")?;
    let elsewhere = account("a").set("region_set", "[\"ap-southeast-1\", \"eu-west-1\"]");
    workspace.hcl(&elsewhere.to_string())?;
    remedied(&workspace.apply()?, "FLEET0535")?;
    let state = workspace.state()?;
    let blocked = state.resource("fleet_account.a")?;
    assert!(blocked.string("status_reason")?.starts_with("blocked: no_access_role"), "{blocked:?}");
    assert_eq!(blocked.string("phase")?, "governed");
    assert!(!blocked.tainted);
    Ok(())
}
