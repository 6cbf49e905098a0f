//! The policies that the provider generates, where AWS enforces them: enough for a whole life, and no more. Roles are made as
//! `examples/terraform/bootstrap` says.

use std::fs;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Workspace, access_role, one_cli, package_dir};
use serde_json::{Value, json};

use crate::hcl::{Block, account, unit};
use crate::outsider;
use crate::roles::{MANAGEMENT, assumed, role_by_token, role_in};

one_cli!(a_pipeline_does_everything_with_the_generated_policies_and_nothing_else);

/// A pipeline in a tooling account, with the roles of the example.
struct Pipeline {
    workspace: Workspace,
    /// The account that it runs in.
    tooling: String,
    /// The role for pull requests, and the one for the main branch.
    plan: String,
    apply: String,
    writer: String,
    /// What the writer may do, by the names of IAM.
    written: Vec<String>,
    /// A policy for the quarantine.
    policy: String,
}

impl Pipeline {
    fn new(cli: Cli) -> Result<Self> {
        let workspace = Workspace::new(cli)?;
        let tooling = outsider::account(&workspace, "tooling")?;
        let organization =
            workspace.aws.call("organizations", "describe_organization", &json!({}))?;
        let organization = organization["Organization"]["Id"].as_str().context("no id")?.to_owned();
        let variables = [
            format!("-var=organization_id={organization}"),
            format!("-var=management_account_id={MANAGEMENT}"),
            format!("-var=tooling_account_id={tooling}"),
        ];
        workspace.hcl_whole(&example("main.tf")?)?;
        workspace.try_apply(&variables.each_ref().map(String::as_str))?.success()?;
        let shown = workspace.show(&[])?;
        let output = |name: &str| {
            let text = shown["values"]["outputs"][name]["value"].as_str();
            text.with_context(|| format!("no output {name}"))
        };

        role_in(&workspace, &[], "fleet-reader", output("trust")?, output("fleet_reader")?)?;
        let writer =
            role_in(&workspace, &[], "fleet-writer", output("trust")?, output("fleet_writer")?)?;
        let inside = access_role(&tooling);
        let of_branch =
            |name: &str, policy: &str| role_by_token(&workspace, &[&inside], name, policy);
        let plan = of_branch("pipeline-plan", output("pipeline_plan")?)?;
        let apply = of_branch("pipeline-apply", output("pipeline_apply")?)?;

        let sparing = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/fleet-vending*"}},
        }]});
        let policy = json!({
            "Name": "quarantine", "Type": "SERVICE_CONTROL_POLICY", "Description": "nothing but vending",
            "Content": sparing.to_string(),
        });
        let made = workspace.aws.call("organizations", "create_policy", &policy)?;
        let policy = made["Policy"]["PolicySummary"]["Id"].as_str().context("no id")?.to_owned();

        let written = actions(output("fleet_writer")?)?;
        workspace.write("token", "a-token\n")?;
        // Whatever the environment holds, only the token may be used.
        let workspace =
            workspace.with_variables(&[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")]);
        Ok(Self { workspace, tooling, plan, apply, writer, written, policy })
    }

    /// The configuration of the example's page, for the pipeline's `role`.
    fn write(&self, role: &str, blocks: &[Block]) -> Result<()> {
        let page = example("README.md")?;
        let (_, block) = page.split_once("```terraform\n").context("no configuration")?;
        let (block, _) = block.split_once("```").context("no end")?;
        let more = format!(
            "provider \"fleet\" {{\n  assume_role_with_web_identity {{\n    role_arn                = \"{role}\"\n    \
             web_identity_token_file = \"../token\"\n  }}\n\n  quarantine {{\n    parent    = \"Quarantine\"\n    \
             policy_id = \"{}\"\n  }}\n",
            self.policy
        );
        let block = block
            .replacen("provider \"fleet\" {\n", &more, 1)
            .replace("111122223333", MANAGEMENT)
            .replace("\"inventory\"", "\"../inventory\"");
        let source = "terraform {\n  required_providers {\n    fleet = { source = \"fleet-iac/fleet\" }\n  }\n}\n";
        let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
        self.workspace.hcl_whole(&format!("{source}\n{block}\n{}", blocks.concat()))
    }

    /// One step: a pull request plans it, and the main branch applies it.
    fn step(&self, blocks: &[Block]) -> Result<()> {
        self.write(&self.plan, blocks)?;
        let before = assumed(&self.workspace)?.len();
        self.workspace.plan()?;
        let used = assumed(&self.workspace)?.split_off(before);
        let reads = ["pipeline-plan", "fleet-reader", "fleet-vending-plan"];
        assert!(used.iter().all(|role| reads.contains(&role.as_str())), "{used:?}");

        self.write(&self.apply, blocks)?;
        self.workspace.apply()?;
        Ok(())
    }

    /// AWS refuses the role that writes this call.
    fn denied(&self, service: &str, operation: &str, parameters: &Value) -> Result<()> {
        let roles = [access_role(&self.tooling), self.writer.clone()];
        let roles = roles.each_ref().map(String::as_str);
        let said = match self.workspace.aws.call_as(&roles, service, operation, parameters) {
            Ok(answer) => format!("{answer}"),
            Err(error) => format!("{error:#}"),
        };
        assert!(
            said.contains("fleet-writer/session is not authorized to perform"),
            "{operation}: {said}"
        );
        Ok(())
    }
}

/// A file of the example.
fn example(name: &str) -> Result<String> {
    let root = package_dir().join("../..");
    Ok(fs::read_to_string(root.join("examples/terraform/bootstrap").join(name))?)
}

/// The actions that a policy allows.
fn actions(policy: &str) -> Result<Vec<String>> {
    let policy: Value = serde_json::from_str(policy)?;
    let statements = policy["Statement"].as_array().context("no statements")?;
    let listed = |action: &Value| match action {
        Value::Array(more) => more.clone(),
        one => vec![one.clone()],
    };
    let all = statements.iter().flat_map(|statement| listed(&statement["Action"]));
    Ok(all.filter_map(|action| action.as_str().map(str::to_owned)).collect())
}

const CONTACTS: &str = "{ security = { name = \"guard\", title = \"On call\", email = \"on-call@example.com\", phone_number = \"+65 6123 4567\" } }";

fn a_pipeline_does_everything_with_the_generated_policies_and_nothing_else(cli: Cli) -> Result<()> {
    let pipeline = Pipeline::new(cli)?;
    let workspace = &pipeline.workspace;
    let aws = &workspace.aws;
    let adopted = outsider::account(workspace, "b")?;
    aws.emulator()?.post("age", &json!({"account": "b", "seconds": 3600}))?;

    // Nobody manages it yet, so it is not for this role to close; nor does it make what would not be found again.
    pipeline.denied("organizations", "close_account", &json!({"AccountId": adopted}))?;
    let mut request = json!({"AccountName": "x", "Email": "aws+x@example.com"});
    pipeline.denied("organizations", "create_account", &request)?;
    request["Tags"] = json!([{"Key": "fleet:managed-by", "Value": "somebody-else"}]);
    pipeline.denied("organizations", "create_account", &request)?;
    let tag_policy = json!({"Name": "t", "Type": "TAG_POLICY", "Description": "", "Content": "{}"});
    pipeline.denied("organizations", "create_policy", &tag_policy)?;

    let units = |prod: &str| [unit("prod", prod), unit("quarantine", "Quarantine")];
    let a = || account("a").set("parent", "fleet_organizational_unit.prod.id");
    let b = || account("b").set("adopt", "true").set("close_on_deletion", "true");
    let with = |units: &[Block], accounts: &[Block]| [units, accounts].concat();
    let opted_in = "[\"ap-southeast-1\", \"ap-southeast-3\"]";
    let first = a().set("region_set", opted_in).set("tags", "{ team = \"x\" }");
    let first = first.set("alternate_contacts", CONTACTS);
    let made = with(&units("Prod"), &[unit("old", "Old"), first, b(), account("c")]);
    pipeline.step(&made)?;
    workspace.assert_unchanged()?;
    let state = workspace.state()?;
    let id = |key: &str| {
        state.resource(&format!("fleet_account.{key}"))?.string("id").map(str::to_owned)
    };
    assert_eq!(id("b")?, adopted);
    let (adopted, released) = (adopted, id("c")?);

    // The reader's role may not even open the one that writes.
    pipeline.write(&pipeline.plan, &[&made[..], &[unit("more", "More")]].concat())?;
    let run = workspace.try_apply(&[])?.failure()?;
    let said = run.errors().map(|error| error.detail.clone()).collect::<String>();
    assert!(said.contains("fleet-writer") && said.contains("AccessDenied"), "{run}");

    // Everything that can be changed, and a policy of ours that somebody rewrote.
    let guardrails = json!({"Filter": "SERVICE_CONTROL_POLICY"});
    let guardrails = aws.call("organizations", "list_policies", &guardrails)?;
    let ours = guardrails["Policies"].as_array().into_iter().flatten();
    let ours = ours
        .into_iter()
        .find(|of| of["Name"] == "fleet-sandbox-foundation")
        .context("no guardrail")?;
    let nothing = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let rewritten = json!({"PolicyId": ours["Id"], "Content": nothing});
    aws.call("organizations", "update_policy", &rewritten)?;
    let renamed = || {
        a().text("name", "Payments").text("email", "new@example.com").set("region_set", opted_in)
    };
    let state_of = |block: Block, state: &str| block.text("lifecycle_state", state);
    let (frozen_b, frozen_c) = (state_of(b(), "frozen"), state_of(account("c"), "frozen"));
    pipeline.step(&with(&units("Production"), &[renamed(), frozen_b, frozen_c]))?;

    let mails = aws.emulator()?.get("mails")?;
    let otp = mails["new@example.com"].as_str().context("no mail")?;
    let with_password = || renamed().text("email_update_otp", otp);
    let (gone_b, gone_c) = (state_of(b(), "retired"), state_of(account("c"), "retired"));
    let frozen_a = state_of(with_password(), "frozen");
    pipeline.step(&with(&units("Production"), &[frozen_a, gone_b, gone_c]))?;

    // One is closed, one is released, and one comes back.
    pipeline.step(&with(&units("Production"), &[with_password()]))?;
    workspace.assert_unchanged()?;
    let described =
        |id: &str| aws.call("organizations", "describe_account", &json!({"AccountId": id}));
    assert_ne!(described(&adopted)?["Account"]["Status"], "ACTIVE");
    assert_eq!(described(&released)?["Account"]["Status"], "ACTIVE");
    let back = workspace.state()?;
    let back = back.resource("fleet_account.a")?;
    assert_eq!((back.string("name")?, back.string("email")?), ("Payments", "new@example.com"));
    assert_eq!((back.string("phase")?, &back.values["ready"]), ("ready", &json!(true)));

    // Nothing that the policy allows was left untried. Who calls last is the provider, not this test.
    let agents = aws.emulator()?.get("agents")?;
    for action in &pipeline.written {
        if action == "sts:SetSourceIdentity" || action == "sts:TagSession" {
            continue;
        }
        let agent = agents[action].as_str().unwrap_or("nobody");
        assert!(agent.starts_with("aws-sdk-rust/"), "{action} was called last by {agent}");
    }
    Ok(())
}
