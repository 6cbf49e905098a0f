//! `fleet_organizational_unit`: a tree of OUs.

use anyhow::Result;
use fleet_acceptance::{Cli, Workspace, each_cli};
use serde_json::json;

use crate::hcl::{account, all, unit};
use crate::outsider;

each_cli!(
    a_tree_comes_changes_and_goes,
    it_is_imported,
    a_unit_with_accounts_in_it_is_released,
    a_path_names_a_unit
);

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

fn it_is_imported(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&unit("prod", "Prod").set("tags", "{ a = \"1\" }").to_string())?;
    workspace.apply()?;
    let id =
        workspace.state()?.resource("fleet_organizational_unit.prod")?.string("id")?.to_owned();
    workspace.run(&["state", "rm", "fleet_organizational_unit.prod"])?.success()?;
    workspace.run(&["import", "-no-color", "fleet_organizational_unit.prod", &id])?.success()?;
    workspace.assert_unchanged()
}

fn a_unit_with_accounts_in_it_is_released(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&unit("prod", "Prod").to_string())?;
    workspace.apply()?;
    let id =
        workspace.state()?.resource("fleet_organizational_unit.prod")?.string("id")?.to_owned();
    let guest = outsider::account(&workspace, "guest")?;
    let root =
        workspace.aws.call("organizations", "list_roots", &json!({}))?["Roots"][0]["Id"].clone();
    let moved = json!({"AccountId": guest, "SourceParentId": root, "DestinationParentId": id});
    workspace.aws.call("organizations", "move_account", &moved)?;

    let run = workspace.try_destroy(&[])?.success()?;
    assert!(
        run.warnings().any(|warning| warning.to_string().contains(guest.as_str())),
        "it lists what is in it: {run}"
    );
    let tags = crate::account::tags(&workspace, &id)?;
    assert_eq!(tags["fleet:released-from"], "acceptance");
    assert!(tags.get("fleet:managed-by").is_none(), "{tags}");
    Ok(())
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
