//! Bad input: each diagnostic is a golden file that says where, what is wrong, why, and what to do.
//!
//! `EXPECTORATE=overwrite cargo xtask test --only acceptance every_diagnostic` writes the files anew.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use fleet_acceptance::{Cli, Workspace, each_cli, package_dir};

use crate::hcl::{Block, account, all, cluster, fleet, placement, unit};
use crate::inventory;

each_cli!(every_diagnostic_is_as_written);

/// One case: its name, and the whole configuration but for `terraform { … }`.
struct Case {
    name: &'static str,
    provider: String,
    body: String,
}

/// A case about a resource.
fn resource(name: &'static str, body: impl ToString) -> Case {
    let provider = provider("managed_by = \"acceptance\"", "inventory { path = \"../inventory\" }");
    Case { name, provider, body: body.to_string() }
}

/// A case about the provider block; a registration makes it matter.
fn block(name: &'static str, managed_by: &str, rest: &str) -> Case {
    Case { name, provider: provider(managed_by, rest), body: cluster("c1", "shop").to_string() }
}

fn provider(managed_by: &str, rest: &str) -> String {
    format!("provider \"fleet\" {{\n  region = \"us-east-1\"\n  {managed_by}\n  {rest}\n}}\n\n")
}

fn cases() -> Vec<Case> {
    [provider_blocks(), accounts(), identities(), units(), clusters(), placements()]
        .into_iter()
        .flatten()
        .collect()
}

fn provider_blocks() -> Vec<Case> {
    let ours = "managed_by = \"acceptance\"";
    let inventory = "inventory { path = \"../inventory\" }";
    vec![
        block("provider_without_managed_by", "", inventory),
        block("provider_managed_by_with_a_comma", "managed_by = \"a,b\"", inventory),
        block(
            "provider_with_half_of_a_key_pair",
            ours,
            &format!("access_key = \"AKIA\"\n  {inventory}"),
        ),
        block(
            "provider_account_id_too_short",
            ours,
            &format!("allowed_account_ids = [\"123\"]\n  {inventory}"),
        ),
        block(
            "provider_default_tag_with_our_prefix",
            ours,
            &format!(
                "default_tags {{\n    tags = {{ \"fleet:key\" = \"x\" }}\n  }}\n  {inventory}"
            ),
        ),
        block(
            "provider_role_without_a_token",
            ours,
            &format!("assume_role_with_web_identity {{}}\n  {inventory}"),
        ),
        block("provider_without_inventory", ours, ""),
        block("provider_inventory_directory_missing", ours, "inventory { path = \"../nowhere\" }"),
    ]
}

fn accounts() -> Vec<Case> {
    let long = "x".repeat(51);
    vec![
        resource("account_email_malformed", account("a").text("email", "nowhere")),
        resource(
            "account_email_too_long",
            account("a").text("email", &format!("{long}@mail.example.com")),
        ),
        resource(
            "account_contact_without_a_number",
            account("a").set(
                "alternate_contacts",
                "{ security = { name = \"Security\", title = \"On call\", email = \"security@example.com\", phone_number = \"ask\" } }",
            ),
        ),
        resource(
            "account_onboarding_parent_alone",
            account("a").text("onboarding_parent", "Onboarding"),
        ),
        resource(
            "account_onboarding_parent_that_is_the_parent",
            account("a").text("parent", "Prod").text("onboarding_parent", "Prod"),
        ),
        resource("account_name_too_long", account("a").text("name", &long)),
        resource(
            "account_name_not_ascii",
            account("a").text("name", "zahlungen-\u{fc}ber").text("key", "a"),
        ),
        resource("account_key_not_a_key", account("a").text("key", "A Key")),
        resource("account_class_unknown", account("a").text("account_class", "prod")),
        resource(
            "account_class_organization_root",
            account("a").text("account_class", "organization-root"),
        ),
        resource("account_baseline_unknown", account("a").text("baseline_policy", "strict")),
        resource("account_environment_not_a_name", account("a").text("environment", "Prod!")),
        resource("account_region_set_empty", account("a").set("region_set", "[]")),
        resource(
            "account_control_unknown",
            account("a").set("controls", "{ firewalls = \"own\" }"),
        ),
        resource(
            "account_control_mode_unknown",
            account("a").set("controls", "{ password-policy = \"maybe\" }"),
        ),
        resource(
            "account_tag_with_our_prefix",
            account("a").set("tags", "{ \"fleet:key\" = \"b\" }"),
        ),
        resource("account_tag_with_a_comma", account("a").set("tags", "{ team = \"a,b\" }")),
        resource("account_lifecycle_unknown", account("a").text("lifecycle_state", "gone")),
        resource(
            "account_timeout_not_a_duration",
            account("a").set("timeouts", "{ create = \"soon\" }"),
        ),
        resource("account_role_name_of_a_control", account("a").text("role_name", "fleet-apply")),
        resource("account_role_name_that_guardrails_bind", account("a").text("role_name", "Mine")),
        resource("account_role_name_with_a_space", account("a").text("role_name", "a role")),
        resource("account_email_that_aws_refuses", account("a").text("email", "a%a@example.com")),
        resource("account_region_nowhere", account("a").set("region_set", "[\"ap-southeast-1\", \"xx-nowhere-9\"]")),
        resource("account_region_null", account("a").set("region_set", "[\"ap-southeast-1\", null]")),
        resource("account_control_null", account("a").set("controls", "{ regions = null }")),
        resource("account_parent_with_an_empty_name", account("a").text("parent", "Workloads//Prod")),
        resource(
            "account_contact_email_that_aws_refuses",
            account("a").set(
                "alternate_contacts",
                "{ billing = { name = \"Billing\", title = \"Invoices\", email = \"pay%ments@example.com\", phone_number = \"+65 6123 4567\" } }",
            ),
        ),
    ]
}

fn identities() -> Vec<Case> {
    let identity = |provider: &str, role: &str| {
        let providers = format!("providers = {{ github = {{ {provider} }} }}");
        account("a").set("identity", format!("{{\n    {providers}\n    roles = {{ {role} }}\n  }}"))
    };
    let github = "url = \"https://token.actions.githubusercontent.com\", audiences = [\"sts.amazonaws.com\"]";
    let claims = "claims = { repository = \"example/platform\", environment = \"a\" }";
    vec![
        resource(
            "identity_provider_unknown",
            identity(
                github,
                &format!(
                    "apply = {{ provider = \"gitlab\", owner_id = \"1\", repository_id = \"2\", {claims} }}"
                ),
            ),
        ),
        resource(
            "identity_ids_missing",
            identity(github, &format!("apply = {{ provider = \"github\", {claims} }}")),
        ),
        resource(
            "identity_claim_with_a_wildcard",
            identity(
                github,
                "apply = { provider = \"github\", owner_id = \"1\", repository_id = \"2\", claims = { repository = \"example/*\", environment = \"a\" } }",
            ),
        ),
        resource(
            "identity_url_without_tls",
            identity(
                "url = \"http://token.actions.githubusercontent.com\", audiences = [\"sts.amazonaws.com\"]",
                &format!(
                    "apply = {{ provider = \"github\", owner_id = \"1\", repository_id = \"2\", {claims} }}"
                ),
            ),
        ),
        resource(
            "identity_url_in_upper_case",
            identity(
                "url = \"https://Token.Actions.GithubUserContent.com\", audiences = [\"sts.amazonaws.com\"]",
                "apply = { provider = \"github\", claims = { sub = \"a\" } }",
            ),
        ),
        resource(
            "identity_apply_for_pull_requests",
            identity(
                github,
                "apply = { provider = \"github\", subject_format = \"legacy\", claims = { repository = \"example/platform\", pull_request = \"true\" } }",
            ),
        ),
        resource(
            "identity_apply_by_names_only",
            identity(
                github,
                &format!(
                    "apply = {{ provider = \"github\", subject_format = \"legacy\", {claims} }}"
                ),
            ),
        ),
        resource(
            "identity_role_unknown",
            identity(
                github,
                &format!(
                    "root = {{ provider = \"github\", owner_id = \"1\", repository_id = \"2\", {claims} }}"
                ),
            ),
        ),
    ]
}

fn units() -> Vec<Case> {
    vec![
        resource("unit_name_empty", unit("a", "")),
        resource("unit_name_too_long", unit("a", &"x".repeat(129))),
        resource("unit_nested_too_deep", unit("a", "A").text("parent", "1/2/3/4/5")),
        resource(
            "unit_tag_with_our_prefix",
            unit("a", "A").set("tags", "{ \"fleet:key\" = \"b\" }"),
        ),
    ]
}

fn clusters() -> Vec<Case> {
    let c1 = || cluster("c1", "shop");
    vec![
        resource("cluster_name_with_a_slash", c1().text("name", "a/b")),
        resource("cluster_name_of_an_observed_file", c1().text("name", "a.observed")),
        resource("cluster_account_not_a_key", c1().text("account", "My Account")),
        resource("cluster_label_not_valid", c1().set("labels", "{ team = \"a b\" }")),
        resource("cluster_label_reserved", c1().set("labels", "{ \"fleet/tier\" = \"1\" }")),
        resource(
            "cluster_taint_effect_of_kubernetes",
            c1().set("taints", "[{ key = \"a\", effect = \"NoSchedule\" }]"),
        ),
        resource("cluster_date_in_another_order", c1().text("created_at", "01.06.2026")),
        resource("cluster_lifecycle_unknown", c1().text("lifecycle_state", "deleted")),
        resource(
            "cluster_region_unknown_at_plan",
            all(&[
                &"resource \"terraform_data\" \"later\" {}\n\n",
                &c1().set("region", "terraform_data.later.id"),
            ]),
        ),
        resource("cluster_on_a_closed_account_of_another", cluster("c1", "closed")),
    ]
}

fn placements() -> Vec<Case> {
    let placed = |name: &'static str, block: Block| {
        resource(
            name,
            all(&[
                &cluster("c1", "shop").set("labels", "{ team = \"shop\" }"),
                &cluster("c3", "shop").set("tenants", "[\"shop/apps\"]"),
                &cluster("c2", "shop").set("taints", "[{ key = \"a\", effect = \"NoSelect\" }]"),
                &fleet(&["c1", "c2", "c3"]),
                &block,
            ]),
        )
    };
    let web = || placement("web");
    vec![
        placed("placement_count_zero", web().set("strategy", "{ count = 0 }")),
        placed("placement_count_with_a_fraction", web().set("strategy", "{ count = 1.5 }")),
        placed(
            "placement_emits_over_a_directory",
            web().set("emit", "{ json = { path = \"../artifacts/taken\" } }"),
        ),
        placed("placement_more_regions_than_replicas", web().set("strategy", "{ count = 1, min_regions = 2 }")),
        placed("placement_mode_unknown", web().set("strategy", "{ mode = \"round-robin\" }")),
        placed(
            "placement_in_without_values",
            web().set("selector", "{ match_expressions = [{ key = \"team\", operator = \"In\" }] }"),
        ),
        placed(
            "placement_exists_with_values",
            web().set("selector", "{ match_expressions = [{ key = \"team\", operator = \"Exists\", values = [\"a\"] }] }"),
        ),
        placed(
            "placement_operator_unknown",
            web().set("selector", "{ match_expressions = [{ key = \"team\", operator = \"Like\", values = [\"a\"] }] }"),
        ),
        placed(
            "placement_toleration_exists_with_a_value",
            web().set("tolerations", "[{ key = \"a\", operator = \"Exists\", value = \"b\" }]"),
        ),
        placed(
            "placement_toleration_key_not_a_key",
            web().set("tolerations", "[{ key = \"bad key!!\", operator = \"Exists\" }]"),
        ),
        placed("placement_version_not_a_range", web().set("selector", "{ kubernetes_version = \">= v1.31\" }")),
        placed("placement_version_that_cannot_be", web().set("selector", "{ kubernetes_version = \">= 1.33, < 1.32\" }")),
        placed("placement_names_without_a_name", web().set("selector", "{ names = [] }")),
        placed("placement_account_by_its_name", web().set("selector", "{ accounts = [\"Shop Prod\"] }")),
        placed("placement_owner_of_no_cluster", web().set("selector", "{ owners = [\"team-a\"], names = [\"c1\", \"c2\"] }")),
        placed("placement_on_a_cluster_of_others", web().set("selector", "{ names = [\"c3\"] }")),
        placed("placement_label_null", web().set("selector", "{ match_labels = { team = null } }")),
        placed(
            "placement_emits_into_the_inventory",
            web().set("emit", "{ json = { path = \"../inventory/clusters\" } }"),
        ),
        placed(
            "placement_repository_with_a_password",
            web().set("emit", "{ argocd = { project = \"shop\", repo_url = \"https://u:hunter2@git.example.com/a.git\", target_revision = \"main\", source_path = \"a\" } }"),
        ),
        placed(
            "placement_without_overlay",
            web().set("inventory", "data.fleet_inventory.this.snapshot"),
        ),
        placed("placement_limit_negative", web().set("blast_radius", "{ max_removed = -1 }")),
        placed("placement_key_not_a_key", web().text("key", "A Key")),
        placed("placement_inventory_not_a_snapshot", web().text("inventory", "{}")),
        placed("placement_label_that_nobody_carries", web().set("selector", "{ match_labels = { taem = \"shop\" } }")),
        placed("placement_nothing_fits", web().set("selector", "{ match_labels = { team = \"other\" } }")),
        placed("placement_too_few_regions_fit", web().set("strategy", "{ count = 2, min_regions = 2 }")),
    ]
}

fn golden(name: &str) -> PathBuf {
    package_dir().join("tests/it/bad_input").join(format!("{name}.txt"))
}

/// Terraform 1.15 points into nested attributes, where older CLIs point at the block: it writes and reads
/// whole files, the others all but the line that is pointed at.
fn compare(cli: Cli, name: &str, text: &str) -> Result<()> {
    if cli == Cli::Terraform1_15 {
        expectorate::assert_contents(golden(name), text);
        return Ok(());
    }
    let written =
        fs::read_to_string(golden(name)).with_context(|| format!("{name} has no golden file"))?;
    assert_eq!(without_places(text), without_places(&written), "{name}");
    Ok(())
}

/// The text without the lines of the configuration.
fn without_places(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("    ")).collect()
}

fn every_diagnostic_is_as_written(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    inventory::account(&workspace, "closed", false)?;
    workspace.write("artifacts/taken/web-prod.json/inside", "")?;
    let cases = cases();
    assert!(cases.len() >= 30);
    let mut poor = Vec::new();
    for case in cases {
        workspace.hcl_whole(&format!(
            "terraform {{\n  required_providers {{\n    fleet = {{ source = \"fleet-iac/fleet\" }}\n  }}\n}}\n\n{}{}",
            case.provider, case.body
        ))?;
        let run = workspace.try_plan(&[])?;
        if run.code == Some(0) {
            poor.push(format!("{} should be refused", case.name));
        }
        let mut errors: Vec<String> = run.errors().map(ToString::to_string).collect();
        errors.sort();
        let text =
            errors.join("\n").replace(&workspace.path().display().to_string(), "<workspace>");
        for error in run.errors() {
            // The SDK's own have one, too.
            if error.code().is_none() || error.detail.split("\n\n").count() < 4 {
                poor.push(format!("{}: what, why, what to do, code:\n{error}", case.name));
            }
            if error.snippet.is_none() && error.address.is_none() {
                poor.push(format!("{}: it does not say where:\n{error}", case.name));
            }
        }
        compare(cli, case.name, &text)?;
    }
    assert_eq!(workspace.aws.emulator()?.calls()?.get("organizations:CreateAccount"), None);
    if poor.is_empty() { Ok(()) } else { bail!("{}", poor.join("\n")) }
}
