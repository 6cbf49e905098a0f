//! Readiness: a control that we own is repaired, one that we verify closes admission until it is mended;
//! and one account's trouble does not stop its neighbours.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, one_cli};
use serde_json::{Value, json};

use crate::hcl::{account, all, cluster, fleet, placement};

one_cli!(
    an_owned_control_is_repaired,
    a_verified_control_closes_admission_until_it_is_mended,
    a_policy_type_that_is_off_is_a_finding,
    a_profile_that_gets_stricter_is_applied,
    switches_of_the_account_and_its_regions,
    an_account_keeps_its_version_of_the_baseline_until_it_is_given_another,
);

/// Two accounts with a cluster each, and a placement on each cluster.
fn two_of_everything(first_controls: &str) -> String {
    all(&[
        &account("a").set("controls", first_controls),
        &account("b"),
        &cluster("ca", "a").set("account", "fleet_account.a.key").set("labels", "{ on = \"a\" }"),
        &cluster("cb", "b").set("account", "fleet_account.b.key").set("labels", "{ on = \"b\" }"),
        &fleet(&["ca", "cb"]),
        &placement("pa").set("selector", "{ match_labels = { on = \"a\" } }"),
        &placement("pb").set("selector", "{ match_labels = { on = \"b\" } }"),
    ])
}

fn id(workspace: &Workspace, label: &str) -> Result<String> {
    Ok(workspace.state()?.resource(&format!("fleet_account.{label}"))?.string("id")?.to_owned())
}

fn attribute(workspace: &Workspace, address: &str, attribute: &str) -> Result<Value> {
    Ok(workspace.state()?.resource(address)?.values[attribute].clone())
}

fn an_owned_control_is_repaired(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&two_of_everything("{ organization-policies = \"own\" }"))?;
    workspace.apply()?;
    let a = id(&workspace, "a")?;

    workspace.aws.call_in(&a, "iam", "delete_account_password_policy", &json!({}))?;
    workspace.aws.call_in(
        &a,
        "iam",
        "delete_role_permissions_boundary",
        &json!({"RoleName": "fleet-apply"}),
    )?;
    let plan = workspace.plan()?;
    assert_eq!(
        plan.actions.get("fleet_account.a").map(String::as_str),
        Some("update"),
        "{:?}",
        plan.actions
    );
    assert!(!plan.actions.contains_key("fleet_account.b"), "{:?}", plan.actions);
    assert!(!plan.actions.contains_key("fleet_placement.pb"), "{:?}", plan.actions);
    workspace.apply_saved()?.success()?;
    assert_eq!(attribute(&workspace, "fleet_account.a", "ready")?, true);
    workspace.aws.call_in(&a, "iam", "get_account_password_policy", &json!({}))?;
    let role = workspace.aws.call_in(&a, "iam", "get_role", &json!({"RoleName": "fleet-apply"}))?;
    let boundary = role["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"].as_str();
    assert!(boundary.context("no boundary")?.ends_with("fleet-boundary"), "{role}");
    workspace.assert_unchanged()
}

fn a_verified_control_closes_admission_until_it_is_mended(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&two_of_everything("{ organization-policies = \"own\" }"))?;
    workspace.apply()?;
    let a = id(&workspace, "a")?;
    // From now on somebody else sets the password policy; what stands is what we set.
    let verified =
        two_of_everything("{ organization-policies = \"own\", password-policy = \"verify\" }");
    workspace.hcl(&verified)?;
    workspace.apply()?;
    workspace.assert_unchanged()?;
    let good = workspace.aws.call_in(&a, "iam", "get_account_password_policy", &json!({}))?;

    // Broken: the next apply closes admission. Nothing fails, and the neighbours go on.
    workspace.aws.call_in(&a, "iam", "delete_account_password_policy", &json!({}))?;
    let run = workspace.apply()?;
    assert!(run.warnings().count() > 0, "{run}");
    let state = workspace.state()?;
    let broken = state.resource("fleet_account.a")?;
    assert_eq!(broken.values["ready"], false);
    assert!(!broken.tainted);
    assert_eq!(broken.values["readiness"]["checks"]["password-policy"], "fail");
    assert_eq!(state.resource("fleet_account.b")?.values["ready"], true);
    assert_eq!(state.resource("fleet_cluster_registration.cb")?.values["admitted"], true);
    assert!(workspace.read("inventory/accounts/a.yaml")?.contains("ready: false"));
    assert_eq!(
        state.resource("fleet_placement.pa")?.values["targets"]["ca"]["region"],
        "ap-southeast-1",
        "incumbents stay"
    );

    // The neighbours' placements and new ones on them go on, a new one on the closed cluster does not.
    let more =
        all(&[&verified, &placement("pb2").set("selector", "{ match_labels = { on = \"b\" } }")]);
    workspace.hcl(&more)?;
    workspace.apply()?;
    assert_eq!(attribute(&workspace, "fleet_cluster_registration.ca", "admitted")?, false);
    assert!(workspace.state()?.resource("fleet_placement.pb2").is_ok());
    let closed =
        all(&[&more, &placement("pa2").set("selector", "{ match_labels = { on = \"a\" } }")]);
    workspace.hcl(&closed)?;
    let run = workspace.try_apply(&[])?.failure()?;
    assert!(run.error("FLEET0414")?.detail.contains("password-policy"), "{run}");

    // Mended: the next apply opens it again.
    let policy = good["PasswordPolicy"].as_object().context("no policy")?.clone();
    // The answer of a read is not quite what a write takes.
    let settable: Value = policy
        .into_iter()
        .filter(|(name, value)| name != "ExpirePasswords" && *value != 0)
        .collect();
    workspace.aws.call_in(&a, "iam", "update_account_password_policy", &settable)?;
    workspace.apply()?;
    let state = workspace.state()?;
    assert_eq!(state.resource("fleet_account.a")?.values["ready"], true);
    assert_eq!(state.resource("fleet_cluster_registration.ca")?.values["admitted"], true);
    assert!(state.resource("fleet_placement.pa2").is_ok());
    workspace.assert_unchanged()
}

fn a_policy_type_that_is_off_is_a_finding(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let roots = workspace.aws.call("organizations", "list_roots", &json!({}))?;
    let off = json!({"RootId": roots["Roots"][0]["Id"], "PolicyType": "SERVICE_CONTROL_POLICY"});
    workspace.aws.call("organizations", "disable_policy_type", &off)?;
    workspace.hcl(&account("a").without("controls").to_string())?;
    workspace.apply()?;
    let state = workspace.state()?;
    let vended = state.resource("fleet_account.a")?;
    assert_eq!(vended.values["ready"], false);
    let findings = &vended.values["readiness"]["findings"];
    let finding = findings
        .as_array()
        .and_then(|list| list.iter().find(|one| one["check"] == "organization-policies"));
    assert!(finding.is_some(), "{findings:#}");
    // Only a verified control fails: nothing is to be done here, and the plan says so without a change.
    let plan = workspace.plan()?;
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    assert!(plan.run.warnings().count() > 0, "{}", plan.run);
    Ok(())
}

fn a_profile_that_gets_stricter_is_applied(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&account("a").to_string())?;
    workspace.apply()?;
    let a = id(&workspace, "a")?;
    workspace.hcl(&account("a").text("baseline_policy", "regulated").to_string())?;
    workspace.apply()?;
    assert_eq!(attribute(&workspace, "fleet_account.a", "ready")?, true);
    let policy = workspace.aws.call_in(&a, "iam", "get_account_password_policy", &json!({}))?;
    assert!(policy["PasswordPolicy"]["MinimumPasswordLength"].as_u64() >= Some(16), "{policy}");
    let attached = json!({"TargetId": a, "Filter": "SERVICE_CONTROL_POLICY"});
    let policies = workspace.aws.call("organizations", "list_policies_for_target", &attached)?;
    let names: Vec<_> = policies["Policies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|p| p["Name"].as_str())
        .collect();
    assert!(names.iter().filter(|name| name.starts_with("fleet-")).count() >= 4, "{names:?}");
    workspace.assert_unchanged()?;

    // And back: what the stricter profile made goes, and the plan names it.
    workspace.hcl(&account("a").text("baseline_policy", "sandbox").to_string())?;
    let plan = workspace.plan()?;
    let said = plan.run.warning("FLEET0172")?.detail.clone();
    for part in
        ["policy fleet-regulated-root-user off", "password policy back to minimum_length 12"]
    {
        assert!(said.contains(part), "{said}");
    }
    workspace.apply_saved()?.success()?;
    assert_eq!(attribute(&workspace, "fleet_account.a", "ready")?, true);
    let policies = workspace.aws.call("organizations", "list_policies_for_target", &attached)?;
    assert!(!policies.to_string().contains("fleet-regulated-"), "{policies}");
    let policy = workspace.aws.call_in(&a, "iam", "get_account_password_policy", &json!({}))?;
    assert_eq!(policy["PasswordPolicy"]["MinimumPasswordLength"], 12, "{policy}");
    workspace.assert_unchanged()?;

    // Given up altogether.
    let given_up =
        r#"{ organization-policies = "ignore", password-policy = "ignore", regions = "ignore" }"#;
    workspace.hcl(
        &account("a").text("baseline_policy", "sandbox").set("controls", given_up).to_string(),
    )?;
    let plan = workspace.plan()?;
    let said = plan.run.warning("FLEET0172")?.detail.clone();
    assert!(said.contains("deletes the password policy"), "{said}");
    workspace.apply_saved()?.success()?;
    let policies = workspace.aws.call("organizations", "list_policies_for_target", &attached)?;
    assert!(!policies.to_string().contains("fleet-sandbox-"), "{policies}");
    let gone = workspace.aws.call_in(&a, "iam", "get_account_password_policy", &json!({}));
    assert!(gone.is_err(), "{gone:?}");
    workspace.assert_unchanged()
}

/// Controls that are asked for by name alone: set where nothing was, found where somebody put one back, left to others by
/// `verify`, and left as they are when they are given up.
fn switches_of_the_account_and_its_regions(cli: Cli) -> Result<()> {
    const NAMES: [&str; 5] = [
        "ami-public-access",
        "ebs-encryption",
        "imds-defaults",
        "s3-public-access-block",
        "snapshot-public-access",
    ];
    let in_mode = |mode: &str| {
        let named: String = NAMES.iter().map(|name| format!("{name} = \"{mode}\", ")).collect();
        let account = account("a").text("baseline_policy", "regulated");
        // The calls behind the provider's back are made in the first.
        account
            .set("region_set", "[\"us-east-1\", \"ap-southeast-1\"]")
            .set(
                "controls",
                format!("{{ organization-policies = \"own\", root-user = \"verify\", {named}}}"),
            )
            .to_string()
    };
    let workspace = Workspace::new(cli)?;
    // An account that was there before the controls were.
    let before = account("a").text("baseline_policy", "regulated");
    let before = before.set("region_set", "[\"us-east-1\", \"ap-southeast-1\"]").to_string();
    workspace.hcl(&before)?;
    workspace.apply()?;
    let a = id(&workspace, "a")?;
    let checks = |workspace: &Workspace| attribute(workspace, "fleet_account.a", "readiness");
    let none = checks(&workspace)?["checks"].to_string();
    assert!(!NAMES.iter().any(|name| none.contains(name)), "{none}");

    // The password that AWS gives a root user, which nobody knows, is found until somebody deletes it.
    workspace.hcl(&in_mode("own"))?;
    workspace.apply()?;
    assert!(checks(&workspace)?["findings"].to_string().contains("central root access"));
    workspace.aws.emulator()?.post("root-user", &json!({ "account": a, "password": false }))?;
    workspace.apply()?;
    assert_eq!(attribute(&workspace, "fleet_account.a", "ready")?, true);
    assert_eq!(checks(&workspace)?["checks"]["root-user"], "pass");
    let found = checks(&workspace)?["checks"].clone();
    for name in NAMES {
        let keys = match name {
            "s3-public-access-block" => vec![name.to_owned()],
            _ => ["ap-southeast-1", "us-east-1"].map(|of| format!("{name}/{of}")).into(),
        };
        for key in keys {
            assert_eq!(found[&key], "pass", "{found:#}");
        }
    }
    let get = |call: &str| workspace.aws.call_in(&a, "ec2", call, &json!({}));
    let snapshots = || get("get_snapshot_block_public_access_state");
    assert_eq!(snapshots()?["State"], "block-all-sharing");
    assert_eq!(get("get_ebs_encryption_by_default")?["EbsEncryptionByDefault"], true);
    let metadata = get("get_instance_metadata_defaults")?;
    assert_eq!(metadata["AccountLevel"]["HttpTokens"], "required", "{metadata}");
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("setting/snapshot-public-access/us-east-1"), "{file}");
    workspace.assert_unchanged()?;

    // Somebody puts one back: found, and repaired.
    get("disable_snapshot_block_public_access")?;
    let plan = workspace.plan()?;
    assert_eq!(plan.actions.get("fleet_account.a").map(String::as_str), Some("update"));
    workspace.apply_saved()?.success()?;
    assert_eq!(snapshots()?["State"], "block-all-sharing");
    workspace.assert_unchanged()?;

    // Of somebody else it is told, and not changed.
    workspace.hcl(&in_mode("verify"))?;
    workspace.apply()?;
    get("disable_snapshot_block_public_access")?;
    workspace.apply()?;
    let findings = checks(&workspace)?["findings"].to_string();
    assert!(findings.contains("snapshot-public-access"), "{findings}");
    assert_eq!(snapshots()?["State"], "unblocked");

    // Given up, what is set stays, and the plan says so.
    workspace.hcl(&in_mode("own"))?;
    workspace.apply()?;
    workspace.hcl(&before)?;
    let plan = workspace.plan()?;
    let said = plan.run.warning("FLEET0147")?.detail.clone();
    assert!(said.contains("what `snapshot-public-access` set"), "{said}");
    workspace.apply_saved()?.success()?;
    assert_eq!(snapshots()?["State"], "block-all-sharing");
    workspace.assert_unchanged()
}

/// An account begins with the first version and stays there; another one is named, told, held to the limit, and kept when the
/// configuration says nothing any more.
fn an_account_keeps_its_version_of_the_baseline_until_it_is_given_another(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let configure = |versions: [Option<i64>; 2]| {
        let blocks = ["a", "b"].into_iter().zip(versions).map(|(key, version)| {
            let account = account(key).text("baseline_policy", "prod-restricted");
            match version {
                Some(version) => account.set("baseline_version", version.to_string()).to_string(),
                None => account.to_string(),
            }
        });
        let inventory = workspace.file("inventory");
        workspace.hcl_whole(&format!(
            "terraform {{\n  required_providers {{\n    fleet = {{ source = \"fleet-iac/fleet\" }}\n  }}\n}}\n\n\
             provider \"fleet\" {{\n  managed_by = \"acceptance\"\n  region     = \"us-east-1\"\n  baseline_change_limit = 1\n\n  \
             inventory {{\n    path = \"{}\"\n  }}\n}}\n\n{}",
            inventory.display(),
            blocks.collect::<String>()
        ))
    };
    configure([None, None])?;
    workspace.apply()?;
    assert_eq!(attribute(&workspace, "fleet_account.a", "baseline_version")?, 1);
    workspace.assert_unchanged()?;
    let no_password = json!({ "account": id(&workspace, "a")?, "password": false });
    workspace.aws.emulator()?.post("root-user", &no_password)?;

    configure([Some(2), Some(2)])?;
    let refused = workspace.try_plan(&[])?.failure()?;
    let said = &refused.error("FLEET0253")?.detail;
    assert!(said.contains("account number 2 of this run"), "{said}");
    configure([Some(3), None])?;
    workspace.try_plan(&[])?.failure()?.error("FLEET0251")?;

    configure([Some(2), None])?;
    let plan = workspace.plan()?;
    let said = plan.run.warning("FLEET0252")?.detail.clone();
    assert!(said.contains("version 1 to `prod-restricted`, version 2"), "{said}");
    assert!(
        said.contains("`ebs-encryption` (own)") && said.contains("`root-user` (verify)"),
        "{said}"
    );
    assert_eq!(plan.actions.get("fleet_account.b"), None);
    workspace.apply_saved()?.success()?;
    assert_eq!(attribute(&workspace, "fleet_account.a", "ready")?, true);
    let checks = attribute(&workspace, "fleet_account.a", "readiness")?["checks"].clone();
    for check in ["root-user", "s3-public-access-block", "ebs-encryption/ap-southeast-1"] {
        assert_eq!(checks[check], "pass", "{checks:#}");
    }
    let file = workspace.read("inventory/accounts/a.yaml")?;
    assert!(file.contains("baseline_version: 2"), "{file}");
    workspace.assert_unchanged()?;

    // What the account has counts where nothing is said.
    configure([None, None])?;
    workspace.assert_unchanged()?;
    assert_eq!(attribute(&workspace, "fleet_account.a", "baseline_version")?, 2);
    Ok(())
}
