//! `data.fleet_organization` and `data.fleet_account`: what is there, whose it is, and what looking costs.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, each_cli, one_cli};
use serde_json::{Value, json};

use crate::hcl::{account, all, unit};

each_cli!(the_organization_is_told);

one_cli!(
    an_account_is_found_by_id_key_and_email,
    an_account_that_is_not_there_is_an_error,
    an_account_is_asked_for_in_one_way,
);

/// Two accounts of the fleet in two OUs, and one that nobody manages.
fn fleet(workspace: &Workspace) -> Result<String> {
    let fleet = all(&[
        &unit("work", "Workloads"),
        &unit("prod", "Prod").set("parent", "fleet_organizational_unit.work.id"),
        &account("a").set("parent", "fleet_organizational_unit.prod.id"),
        &account("b"),
    ]);
    workspace.hcl(&fleet)?;
    workspace.apply()?;
    let stray = json!({"AccountName": "stray", "Email": "stray@example.com"});
    workspace.aws.call("organizations", "create_account", &stray)?;
    Ok(fleet)
}

fn output<'a>(show: &'a Value, name: &str) -> &'a Value {
    &show["values"]["outputs"][name]["value"]
}

fn the_organization_is_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let fleet = fleet(&workspace)?;
    let emulator = workspace.aws.emulator()?;
    let configure = |arguments: &str| {
        workspace.hcl(&format!(
            "{fleet}data \"fleet_organization\" \"this\" {{\n  {arguments}\n}}\n\noutput \"it\" {{\n  value = data.fleet_organization.this\n}}\n"
        ))
    };
    configure("include_tags = true")?;
    emulator.forget_calls()?;
    workspace.apply()?;
    // The account that is not of the inventory is not asked for by itself.
    let calls = emulator.calls()?;
    assert!(calls.contains_key("tagging:GetResources"), "{calls:?}");

    let shown = workspace.show(&[])?;
    let it = output(&shown, "it");
    let organization =
        workspace.aws.call("organizations", "describe_organization", &json!({}))?["Organization"]
            .clone();
    assert_eq!(it["id"], organization["Id"]);
    assert_eq!(it["arn"], organization["Arn"]);
    assert_eq!(it["management_account_id"], organization["MasterAccountId"]);
    assert_eq!(it["feature_set"], "ALL");
    assert_eq!(it["policy_types"], json!(["SERVICE_CONTROL_POLICY"]));
    let units = it["organizational_units"].as_array().context("no units")?;
    let paths: Vec<_> = units.iter().map(|unit| unit["path"].clone()).collect();
    assert_eq!(paths, ["Workloads", "Workloads/Prod"]);
    assert_eq!(units[1]["parent_id"], units[0]["id"]);
    assert_eq!(units[0]["parent_id"], it["root_id"]);

    let accounts = it["accounts"].as_array().context("no accounts")?;
    assert_eq!(accounts.len(), 4);
    let named =
        |name: &str| accounts.iter().find(|of| of["name"] == name).with_context(|| name.to_owned());
    let (a, b, stray) = (named("a")?, named("b")?, named("stray")?);
    for (account, path) in [(a, "Workloads/Prod"), (b, "")] {
        assert_eq!(account["path"], path, "{account}");
        assert_eq!(account["managed_by"], "acceptance");
        assert_eq!(account["key"], account["name"]);
        assert_eq!((&account["phase"], &account["ready"]), (&json!("ready"), &json!(true)));
        assert_eq!(account["tags"]["fleet:key"], account["key"]);
        assert_eq!(
            (&account["state"], &account["joined_method"]),
            (&json!("ACTIVE"), &json!("CREATED"))
        );
    }
    for unknown in ["managed_by", "key", "phase", "ready"] {
        assert_eq!(stray[unknown], Value::Null, "{stray}");
    }

    configure("include_accounts = false")?;
    workspace.apply()?;
    let shown = workspace.show(&[])?;
    assert_eq!(output(&shown, "it")["accounts"], Value::Null);
    workspace.assert_unchanged()
}

fn an_account_is_found_by_id_key_and_email(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let fleet = fleet(&workspace)?;
    let id = workspace.state()?.resource("fleet_account.a")?.string("id")?.to_owned();
    let ways = [
        ("id", id.as_str()),
        ("key", "a"),
        ("email", "AWS+A@example.com"),
        ("stray", "stray@example.com"),
    ];
    let mut text = fleet;
    for (way, value) in ways {
        let argument = if way == "stray" { "email" } else { way };
        text += &format!(
            "data \"fleet_account\" \"{way}\" {{\n  {argument} = \"{value}\"\n}}\n\noutput \"{way}\" {{\n  value = data.fleet_account.{way}\n}}\n\n"
        );
    }
    workspace.hcl(&text)?;
    workspace.apply()?;
    let shown = workspace.show(&[])?;
    for (way, value) in &ways[..3] {
        let found = output(&shown, way);
        assert_eq!(found["id"], id.as_str(), "{found}");
        assert_eq!(found[way], *value, "what was asked comes back as it was written");
        assert_eq!(
            (&found["path"], &found["managed_by"]),
            (&json!("Workloads/Prod"), &json!("acceptance"))
        );
        assert_eq!(
            (&found["phase"], &found["lifecycle_phase"]),
            (&json!("ready"), &json!("active"))
        );
        assert_eq!(found["readiness"]["checks"]["password-policy"], "pass", "{found}");
        assert_eq!(found["readiness"]["open_checks"], json!({}));
        assert_eq!(found["readiness"]["digest"], found["tags"]["fleet:readiness-digest"]);
    }
    let stray = output(&shown, "stray");
    assert_eq!(stray["name"], "stray");
    assert_eq!((&stray["managed_by"], &stray["readiness"]), (&Value::Null, &Value::Null));
    workspace.assert_unchanged()
}

fn an_account_that_is_not_there_is_an_error(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let fleet = fleet(&workspace)?;
    for (argument, nearest) in [
        ("key = \"aa\"", "a, b"),
        ("email = \"strai@example.com\"", "stray@example.com"),
        ("id = \"000000000000\"", "123456789012"),
    ] {
        workspace.hcl(&format!("{fleet}data \"fleet_account\" \"x\" {{\n  {argument}\n}}\n"))?;
        let plan = workspace.try_plan(&[])?.failure()?;
        let missing = plan.error("FLEET0142")?;
        assert!(missing.detail.contains(nearest), "{missing}");
        assert_eq!(missing.snippet.as_ref().map(|of| of.code.trim()), Some(argument));
    }
    Ok(())
}

fn an_account_is_asked_for_in_one_way(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    for arguments in ["", "id = \"1\"\n  key = \"a\""] {
        workspace.hcl(&format!("data \"fleet_account\" \"x\" {{\n  {arguments}\n}}\n"))?;
        workspace.validate()?.failure()?;
    }
    Ok(())
}
