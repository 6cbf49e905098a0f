//! The protocol under every CLI: schema, plain text and reattached providers, Ctrl-C, a quick end.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fleet_acceptance::{Cli, Workspace, binary, each_cli, one_cli, package_dir};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::hcl::{account, all, cluster, unit};
use crate::inventory;

each_cli!(
    the_schema_is_read,
    one_resource_lives_its_life,
    it_works_without_tls,
    it_is_reattached,
    ctrl_c_stops_it_in_order,
    it_logs_only_when_asked,
);

one_cli!(a_provider_that_stays_remembers_no_earlier_run, the_mocks_of_a_page_are_enough_for_a_test);

fn the_schema_is_read(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    workspace.hcl("")?;
    let run = workspace.run(&["providers", "schema", "-json"])?.success()?;
    let schema: Value = serde_json::from_str(&run.stdout)?;
    let provider = &schema["provider_schemas"][format!("{}/fleet-iac/fleet", cli.registry())];
    let resources: Vec<_> =
        provider["resource_schemas"].as_object().context("no resources")?.keys().collect();
    assert_eq!(
        resources,
        [
            "fleet_account",
            "fleet_cluster_registration",
            "fleet_organizational_unit",
            "fleet_placement"
        ]
    );
    assert!(provider["functions"]["overlay"].is_object());
    workspace.wait_for_no_provider()
}

fn one_resource_lives_its_life(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    for tier in ["tier-1", "tier-2"] {
        workspace.hcl(&cluster("c1", "shop").text("tier", tier).to_string())?;
        workspace.apply()?;
        assert_eq!(
            workspace.state()?.resource("fleet_cluster_registration.c1")?.string("tier")?,
            tier
        );
        workspace.assert_unchanged()?;
    }
    workspace.hcl(&cluster("c1", "shop").text("lifecycle_state", "retired").to_string())?;
    workspace.apply()?;
    workspace.try_destroy(&[])?.success()?;
    workspace.wait_for_no_provider()
}

fn it_works_without_tls(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.hcl(&cluster("c1", "shop").to_string())?;
    let status = workspace
        .command(&["apply", "-auto-approve", "-no-color"])
        .env("TF_DISABLE_PLUGIN_TLS", "1")
        .stdout(Stdio::null())
        .status()?;
    assert!(status.success());
    workspace.assert_unchanged()
}

/// A provider that a person started, and what to set so that a CLI finds it.
struct Debugged {
    process: Child,
    reattach: String,
}

impl Debugged {
    /// It calls the AWS of `workspace`, as one would that its CLI starts.
    fn start(cli: Cli, workspace: &Workspace) -> Result<Self> {
        let command = workspace.command(&[]);
        let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let mut process = Command::new(binary()?)
            .envs(variables)
            .arg("-debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().context("no stdout")?;
        let reattach = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let value = line.split_once("TF_REATTACH_PROVIDERS=")?.1;
                Some(value.trim().trim_matches('\'').to_owned())
            })
            .context("-debug prints no TF_REATTACH_PROVIDERS")?;
        // The address is written for Terraform's registry; OpenTofu looks under its own.
        let reattach = reattach.replace("registry.terraform.io", cli.registry());
        Ok(Self { process, reattach })
    }

    fn apply(&self, workspace: &Workspace) -> Result<()> {
        let output = workspace
            .command(&["apply", "-auto-approve", "-no-color"])
            .env("TF_REATTACH_PROVIDERS", &self.reattach)
            .output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

impl Drop for Debugged {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn it_is_reattached(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.hcl(&cluster("c1", "shop").to_string())?;
    Debugged::start(cli, &workspace)?.apply(&workspace)?;
    assert!(workspace.file("inventory/clusters/c1.yaml").exists());
    Ok(())
}

/// What an earlier run has read and destroyed is free again in the next one.
fn a_provider_that_stays_remembers_no_earlier_run(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    let provider = Debugged::start(cli, &workspace)?;
    let active = all(&[&unit("prod", "Prod"), &cluster("c1", "shop")]);
    let retired =
        all(&[&unit("prod", "Prod"), &cluster("c1", "shop").text("lifecycle_state", "retired")]);
    for text in [&active, &retired, "", &active] {
        workspace.hcl(text)?;
        provider.apply(&workspace)?;
    }
    let state = workspace.state()?;
    assert_eq!(
        state.resource("fleet_cluster_registration.c1")?.values["lifecycle_phase"],
        "active"
    );
    assert_eq!(state.resource("fleet_organizational_unit.prod")?.values["path"], "Prod");
    Ok(())
}

fn the_mocks_of_a_page_are_enough_for_a_test(cli: Cli) -> Result<()> {
    let page = fs::read_to_string(package_dir().join("../../docs/functions/overlay.md"))?;
    let (_, rest) = page.split_once("mock_provider \"fleet\"").context("no mocks on the page")?;
    let (mocks, _) = rest.split_once("```").context("an open block")?;
    let workspace = Workspace::new(cli)?;
    workspace.hcl(&format!(
        "data \"fleet_inventory\" \"this\" {{}}\n\n{}output \"fleet\" {{\n  value = \
         provider::fleet::overlay(data.fleet_inventory.this.snapshot, [fleet_cluster_registration.c1.record])\n}}\n",
        cluster("c1", "shop")
    ))?;
    workspace.write(
        "work/mocks.tftest.hcl",
        &format!(
            "mock_provider \"fleet\"{mocks}\nrun \"applies\" {{\n  assert {{\n    condition     = \
             startswith(output.fleet, \"fleet-snapshot:\")\n    error_message = \"No snapshot.\"\n  }}\n}}\n"
        ),
    )?;
    let run = workspace.run(&["test", "-no-color"])?.success()?;
    assert!(run.stdout.contains("Success!"), "{run}");
    Ok(())
}

fn ctrl_c_stops_it_in_order(cli: Cli) -> Result<()> {
    let workspace = Workspace::with_aws(cli, &["create_seconds=600", "role_seconds=0"])?;
    workspace.hcl(&account("a").to_string())?;
    let arguments = ["apply", "-json", "-auto-approve"];
    let apply = workspace.start(&arguments)?;
    workspace
        .aws
        .emulator()?
        .wait_for_call("organizations:DescribeCreateAccountStatus", Duration::from_secs(60))?;
    // A terminal sends it to the whole group: the CLI acts, the provider must not mind.
    for pid in workspace.provider_processes()?.into_iter().chain([i32::try_from(apply.id())?]) {
        kill_process(Pid::from_raw(pid).context("no process")?, Signal::INT)?;
    }
    let run = workspace.finish(&arguments, apply)?.failure()?;
    assert!(run.took < Duration::from_secs(120), "{run}");
    assert!(!run.to_string().contains("Plugin did not respond"), "{run}");
    workspace.wait_for_no_provider()?;
    assert!(workspace.state()?.resources.is_empty());

    // The request goes on in AWS, and the next apply finds it.
    workspace.aws.emulator()?.post("due", &json!({}))?;
    workspace.apply()?;
    assert_eq!(crate::account::members(&workspace)?.len(), 1);
    Ok(())
}

fn it_logs_only_when_asked(cli: Cli) -> Result<()> {
    let workspace = Workspace::new(cli)?;
    inventory::account(&workspace, "shop", true)?;
    workspace.hcl(&cluster("c1", "shop").to_string())?;
    let run = |level: Option<&str>| -> Result<String> {
        let file = workspace.file("log");
        let mut command = workspace.command(&["plan", "-no-color"]);
        if let Some(level) = level {
            command.env("TF_LOG_PROVIDER", level);
        }
        command.env("TF_LOG_PATH", &file);
        assert!(command.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success());
        let text = fs::read_to_string(&file).unwrap_or_default();
        let _removed = fs::remove_file(&file);
        Ok(text
            .lines()
            .filter(|line| line.contains("provider.terraform-provider-fleet"))
            .collect::<Vec<_>>()
            .join("\n"))
    };
    assert_eq!(run(None)?, "");
    let log = run(Some("trace"))?;
    assert!(!log.is_empty());
    assert!(!log.contains("AWS_SECRET_ACCESS_KEY"));
    Ok(())
}
