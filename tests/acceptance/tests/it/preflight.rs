//! What a plan says of accounts that AWS would refuse: every finding at once, at its attribute, for the price of one.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Run, Workspace, one_cli};
use serde_json::json;

use crate::account::vended;
use crate::hcl::{Block, account, all, unit};

one_cli!(
    the_account_beyond_the_quota_is_told,
    an_email_that_is_taken_is_told,
    a_key_and_an_email_are_for_one_block,
    an_organizational_unit_that_is_not_there_is_told,
    a_tag_policy_that_refuses_is_a_warning,
    what_another_partition_has_is_told,
    features_that_are_missing_are_told,
    no_room_for_policies_is_told_before_a_move,
    no_room_for_policies_is_told_wherever_they_are_attached,
    everything_is_told_at_once,
    a_denied_read_is_one_warning,
    many_creates_ask_as_much_as_one,
    an_apply_is_not_in_its_own_way,
);

/// The controls of an account whose organization's policies are somebody else's.
const VERIFY: &str = "{ organization-policies = \"verify\" }";

/// Each of our errors and warnings: `code` and the line of HCL that it points at.
fn said(run: &Run) -> Vec<(String, String)> {
    let mut said: Vec<_> = run
        .diagnostics
        .iter()
        .map(|of| {
            let code = of.code().unwrap_or("core").to_owned();
            let line = of.snippet.as_ref().map(|of| of.code.trim().to_owned()).unwrap_or_default();
            (code, line)
        })
        .collect();
    said.sort();
    said
}

fn at(code: &str, line: &str) -> (String, String) {
    (code.to_owned(), line.to_owned())
}

fn the_account_beyond_the_quota_is_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    // The management account is there already.
    workspace.aws.emulator()?.post("settings", &json!({"account_quota": 3}))?;
    workspace.hcl(&all(&[&account("a"), &account("b"), &account("c")]))?;
    let plan = workspace.try_plan(&[])?.failure()?;
    assert_eq!(plan.errors().count(), 1, "{plan}");
    let quota = plan.error("FLEET0136")?;
    for part in ["has 1 accounts", "creates 3 more", "quota is 3"] {
        assert!(quota.detail.contains(part), "{part}: {quota}");
    }
    workspace.hcl(&all(&[&account("a"), &account("b")]))?;
    workspace.apply()?;
    Ok(())
}

/// Makes an account behind the provider's back; its id.
fn somebody_s(workspace: &Workspace, name: &str, tags: &[(&str, &str)]) -> Result<String> {
    let tags: Vec<_> = tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect();
    let email = format!("aws+{name}@example.com");
    let request = json!({"AccountName": name, "Email": email, "Tags": tags});
    let mut answer = workspace.aws.call("organizations", "create_account", &request)?;
    loop {
        let record = &answer["CreateAccountStatus"];
        if let Some(id) = record["AccountId"].as_str() {
            return Ok(id.to_owned());
        }
        let request = json!({"CreateAccountRequestId": record["Id"]});
        answer = workspace.aws.call("organizations", "describe_create_account_status", &request)?;
    }
}

fn an_email_that_is_taken_is_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    somebody_s(&workspace, "theirs", &[("fleet:managed-by", "others"), ("fleet:id", "1")])?;
    somebody_s(
        &workspace,
        "renamed",
        &[("fleet:managed-by", "acceptance"), ("fleet:id", "1"), ("fleet:key", "old-key")],
    )?;
    let closed = somebody_s(&workspace, "closed", &[])?;
    let id = json!({"AccountId": closed});
    workspace.aws.call("organizations", "close_account", &id)?;
    // Born just now, its tags might be on their way: only one that is older is surely unmanaged.
    somebody_s(&workspace, "unmanaged", &[])?;
    let hour = json!({"account": "unmanaged", "seconds": 3600});
    workspace.aws.emulator()?.post("age", &hour)?;

    let names = ["theirs", "renamed", "closed", "unmanaged"];
    let blocks: Vec<String> = names.iter().map(|name| account(name).to_string()).collect();
    workspace.hcl(&blocks.concat())?;
    let plan = workspace.try_plan(&[])?.failure()?;
    let line = |name: &str| format!("email = \"aws+{name}@example.com\"");
    let found: BTreeMap<String, String> =
        said(&plan).into_iter().map(|(code, line)| (line, code)).collect();
    assert_eq!(found.len(), 4, "{plan}");
    for name in names {
        assert!(found[&line(name)].starts_with("FLEET05"), "{name}: {found:?}");
    }
    let others = plan.errors().find(|of| of.detail.contains("\"others\"")).context("others")?;
    assert!(others.detail.contains("fleet:managed-by"), "{others}");
    assert!(plan.errors().any(|of| of.detail.contains("old-key")), "{plan}");
    Ok(())
}

fn a_key_and_an_email_are_for_one_block(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&all(&[
        &account("a"),
        &account("b").text("key", "a"),
        &account("c").text("email", "AWS+A@example.com"),
    ]))?;
    let plan = workspace.try_plan(&[])?.failure()?;
    // Blocks are planned side by side: which of two is the second is not fixed.
    let mut codes: Vec<String> = said(&plan).into_iter().map(|(code, _)| code).collect();
    codes.sort();
    assert_eq!(codes, ["FLEET0105", "FLEET0137"], "{plan}");
    Ok(())
}

fn an_organizational_unit_that_is_not_there_is_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&unit("prod", "Production").to_string())?;
    workspace.apply()?;
    workspace.hcl(&all(&[
        &unit("prod", "Production"),
        &unit("new", "New"),
        &account("a").text("parent", "Prodcution"),
        &account("b").set("parent", "fleet_organizational_unit.new.id"),
        &account("c").text("parent", "New").set("depends_on", "[fleet_organizational_unit.new]"),
    ]))?;
    let plan = workspace.try_plan(&[])?.failure()?;
    assert_eq!(said(&plan), [at("FLEET0506", "parent = \"Prodcution\"")], "{plan}");
    assert!(plan.error("FLEET0506")?.detail.contains("Production"), "{plan}");
    Ok(())
}

/// Puts a tag policy in effect that wants `CostCenter` to be `100`.
fn enforce_cost_center(workspace: &Workspace) -> Result<()> {
    let root = workspace.aws.call("organizations", "list_roots", &json!({}))?["Roots"][0]["Id"]
        .as_str()
        .context("no root")?
        .to_owned();
    let kind = json!({"RootId": root, "PolicyType": "TAG_POLICY"});
    workspace.aws.call("organizations", "enable_policy_type", &kind)?;
    let content = json!({"tags": {"CostCenter": {
        "tag_key": {"@@assign": "CostCenter"},
        "tag_value": {"@@assign": ["100"]},
        "enforced_for": {"@@assign": ["organizations:account"]},
    }}});
    let policy = json!({
        "Name": "cost", "Type": "TAG_POLICY", "Description": "", "Content": content.to_string(),
    });
    let made = workspace.aws.call("organizations", "create_policy", &policy)?;
    let id = &made["Policy"]["PolicySummary"]["Id"];
    let attachment = json!({"PolicyId": id, "TargetId": root});
    workspace.aws.call("organizations", "attach_policy", &attachment)?;
    Ok(())
}

fn a_tag_policy_that_refuses_is_a_warning(cli: Cli) -> Result<()> {
    let (workspace, _) = vended(cli)?;
    enforce_cost_center(&workspace)?;
    workspace.hcl(&all(&[
        &account("a").set("tags", "{ CostCenter = \"7\" }"),
        &account("b").set("tags", "{ costcenter = \"100\" }"),
        &account("c").set("tags", "{ CostCenter = \"100\" }"),
    ]))?;
    let plan = workspace.try_plan(&[])?.success()?;
    assert_eq!(
        said(&plan),
        [
            at("FLEET0138", "tags = { CostCenter = \"7\" }"),
            at("FLEET0138", "tags = { costcenter = \"100\" }"),
        ],
        "{plan}"
    );
    Ok(())
}

fn features_that_are_missing_are_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.aws.call("organizations", "delete_organization", &json!({}))?;
    let billing = json!({"FeatureSet": "CONSOLIDATED_BILLING"});
    workspace.aws.call("organizations", "create_organization", &billing)?;
    workspace.hcl(&all(&[
        &account("a"),
        &account("b")
            .set("controls", "{ organization-policies = \"ignore\" }")
            .set("close_on_deletion", "true"),
        &account("c").set("controls", "{ organization-policies = \"ignore\" }"),
    ]))?;
    let plan = workspace.try_plan(&[])?.failure()?;
    assert_eq!(
        said(&plan),
        [
            at("FLEET0139", "close_on_deletion = true"),
            at("FLEET0139", "controls = { organization-policies = \"own\" }"),
        ],
        "{plan}"
    );
    Ok(())
}

fn what_another_partition_has_is_told(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace
        .hcl(&account("a").set("region_set", "[\"eu-west-1\", \"cn-north-1\"]").to_string())?;
    let plan = workspace.try_plan(&[])?.failure()?;
    let line = "region_set = [\"eu-west-1\", \"cn-north-1\"]";
    assert_eq!(said(&plan), [at("FLEET0015", line)], "{plan}");
    let foreign = plan.error("FLEET0015")?;
    assert!(foreign.detail.contains("cn-north-1") && foreign.detail.contains("`aws-cn`"), "{plan}");

    // GovCloud makes no accounts by this call; what is there already it can read.
    let text = workspace.read("work/main.tf")?.replacen("us-east-1", "us-gov-west-1", 1);
    workspace.hcl_whole(&text)?;
    let plan = workspace.try_plan(&[])?.failure()?;
    assert_eq!(plan.errors().count(), 1, "{plan}");
    let lacks = plan.error("FLEET0014")?;
    assert!(lacks.detail.contains("`aws-us-gov`"), "{plan}");
    assert!(lacks.detail.contains("CreateGovCloudAccount"), "{plan}");
    Ok(())
}

/// Attaches as many service control policies to the account as AWS takes.
pub(crate) fn fill(workspace: &Workspace, id: &str) -> Result<()> {
    let scp = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let policies = json!({"TargetId": id, "Filter": "SERVICE_CONTROL_POLICY"});
    let attached =
        workspace.aws.call("organizations", "list_policies_for_target", &policies)?["Policies"]
            .as_array()
            .context("no policies")?
            .len();
    for n in attached..10 {
        let policy = json!({
            "Name": format!("{id}-{n}"), "Type": "SERVICE_CONTROL_POLICY", "Description": "",
            "Content": scp,
        });
        let made = workspace.aws.call("organizations", "create_policy", &policy)?;
        let id = json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": id});
        workspace.aws.call("organizations", "attach_policy", &id)?;
    }
    Ok(())
}

fn no_room_for_policies_is_told_before_a_move(cli: Cli) -> Result<()> {
    let (workspace, id) = vended(cli)?;
    fill(&workspace, &id)?;
    workspace.hcl(&all(&[&unit("prod", "Prod"), &account("a")]))?;
    workspace.apply()?;
    // A stricter profile has policies that are attached nowhere yet.
    workspace.hcl(&all(&[
        &unit("prod", "Prod"),
        &account("a").text("parent", "Prod").text("baseline_policy", "regulated"),
    ]))?;
    let plan = workspace.try_plan(&[])?.failure()?;
    let [goes, moves] =
        ["FLEET0172", "FLEET0252"].map(|of| at(of, "baseline_policy = \"regulated\""));
    assert_eq!(said(&plan), [at("FLEET0140", "parent = \"Prod\""), goes, moves], "{plan}");
    Ok(())
}

fn no_room_for_policies_is_told_wherever_they_are_attached(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let verified = |name: &str| account(name).set("controls", VERIFY);
    workspace.hcl(&all(&[&account("a"), &verified("b")]))?;
    workspace.apply()?;
    let state = workspace.state()?;
    let stranger = somebody_s(&workspace, "c", &[])?;
    let hour = json!({"account": "c", "seconds": 3600});
    workspace.aws.emulator()?.post("age", &hour)?;
    for label in ["a", "b"] {
        fill(&workspace, state.resource(&format!("fleet_account.{label}"))?.string("id")?)?;
    }
    fill(&workspace, &stranger)?;

    // A stricter profile has policies that are attached nowhere yet; so has one that is ours only now.
    let strict = |block: Block| block.text("baseline_policy", "regulated");
    workspace.hcl(&all(&[
        &strict(account("a")),
        &strict(account("b")).set("controls", "{ organization-policies = \"own\" }"),
        &strict(account("c")).set("adopt", "true"),
    ]))?;
    let plan = workspace.try_plan(&[])?.failure()?;
    let told: Vec<_> = said(&plan).into_iter().filter(|(code, _)| code == "FLEET0140").collect();
    assert_eq!(
        told,
        [
            at("FLEET0140", "adopt = true"),
            at("FLEET0140", "baseline_policy = \"regulated\""),
            at("FLEET0140", "baseline_policy = \"regulated\""),
        ],
        "{plan}"
    );

    // Without a stricter one, to own them is what asks for it.
    workspace.hcl(&all(&[&account("a"), &strict(verified("b"))]))?;
    workspace.apply()?;
    workspace.hcl(&all(&[&account("a"), &strict(account("b"))]))?;
    let plan = workspace.try_plan(&[])?.failure()?;
    let line = "controls = { organization-policies = \"own\" }";
    assert_eq!(said(&plan), [at("FLEET0140", line)], "{plan}");
    Ok(())
}

fn everything_is_told_at_once(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    enforce_cost_center(&workspace)?;
    workspace.aws.emulator()?.post("settings", &json!({"account_quota": 1}))?;
    workspace.hcl(
        &account("a").text("parent", "Nowhere").set("tags", "{ CostCenter = \"7\" }").to_string(),
    )?;
    let plan = workspace.try_plan(&[])?.failure()?;
    assert_eq!(
        said(&plan),
        [
            at("FLEET0136", "email = \"aws+a@example.com\""),
            at("FLEET0138", "tags = { CostCenter = \"7\" }"),
            at("FLEET0506", "parent = \"Nowhere\""),
        ],
        "{plan}"
    );
    Ok(())
}

fn a_denied_read_is_one_warning(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let denied = json!({
        "operation": "GetServiceQuota", "kind": "error", "code": "AccessDeniedException",
        "status": 400, "message": "not authorized", "times": 9,
    });
    workspace.aws.emulator()?.post("faults", &denied)?;
    workspace.hcl(&all(&[&account("a"), &account("b"), &account("c")]))?;
    let plan = workspace.try_plan(&[])?.success()?;
    assert_eq!(plan.diagnostics.len(), 1, "{plan}");
    let warning = plan.warning("FLEET0141")?;
    assert!(warning.summary.contains("quota"), "{warning}");
    assert!(warning.detail.contains("servicequotas:GetServiceQuota"), "{warning}");
    Ok(())
}

fn many_creates_ask_as_much_as_one(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    let mut asked = Vec::new();
    for count in [1, 12] {
        let blocks: Vec<String> =
            (0..count).map(|n| account(&format!("a{n}")).to_string()).collect();
        workspace.hcl(&blocks.concat())?;
        let emulator = workspace.aws.emulator()?;
        emulator.forget_calls()?;
        workspace.plan()?;
        asked.push(workspace.aws.emulator()?.calls()?);
    }
    assert_eq!(asked[0], asked[1]);
    // The root is asked for, and which types of policies it has.
    asked[0].insert("organizations:ListRoots".to_owned(), 1);
    assert!(asked[0].values().all(|count| *count == 1), "{:?}", asked[0]);
    Ok(())
}

fn an_apply_is_not_in_its_own_way(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    // No room beyond those that are asked for, and one after the other: each is planned again while
    // those before it are there.
    workspace.aws.emulator()?.post("settings", &json!({"account_quota": 4}))?;
    workspace.hcl(&all(&[
        &account("a"),
        &account("b").set("depends_on", "[fleet_account.a]"),
        &account("c").set("depends_on", "[fleet_account.b]"),
    ]))?;
    let apply = workspace.apply()?;
    assert_eq!(apply.diagnostics.len(), 0, "{apply}");
    workspace.assert_unchanged()?;
    Ok(())
}
