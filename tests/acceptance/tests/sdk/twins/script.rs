//! What is done with a group: each step is validated, planned, shown, applied and shown; at the end all is
//! destroyed.

use std::fs;

use anyhow::{Context as _, Result};
use fleet_acceptance::Sandbox;
use serde_json::{Value, json};

use super::case::{Group, Touch};
use super::outcome::Outcome;
use crate::provider::{ADDRESS, hcl};

/// The outcome of each step, by its name. `succeeds` says that each has to end well.
pub(crate) fn run(
    sandbox: &Sandbox,
    group: &Group,
    succeeds: bool,
) -> Result<Vec<(String, Outcome)>> {
    let mut outcomes = Vec::new();
    for step in 1..=group.steps {
        let context = || format!("{}, step {step}", sandbox.cli);
        write(sandbox, group, step).with_context(context)?;
        add_to_state(sandbox, group, step).with_context(context)?;
        let outcome = take(sandbox, step).with_context(context)?;
        if succeeds {
            outcome.success().with_context(context)?;
        }
        outcomes.push((step.to_string(), outcome));
    }
    if !sandbox.file("work/terraform.tfstate").exists() {
        return Ok(outcomes);
    }
    let mut outcome = Outcome::default();
    outcome.add_run("apply", &sandbox.try_destroy(&[])?);
    outcome.add_state(&sandbox.show(&[])?);
    if succeeds {
        outcome.success()?;
    }
    outcomes.push(("destroy".to_owned(), outcome));
    Ok(outcomes)
}

/// Puts the objects of an older provider into the state, as far as a case has them.
fn add_to_state(sandbox: &Sandbox, group: &Group, step: usize) -> Result<()> {
    const FILE: &str = "work/terraform.tfstate";
    let mut added = Vec::new();
    for (name, case) in group.cases() {
        for object in case.objects(step)? {
            let provider = format!("provider[\"{}/{ADDRESS}\"]", sandbox.cli.registry());
            added.push(json!({
                "module": format!("module.{name}"), "mode": "managed", "provider": provider,
                "type": object["type"], "name": object["name"],
                "instances": [{
                    "schema_version": object["schema_version"],
                    "attributes": object["attributes"],
                }],
            }));
        }
    }
    if !added.is_empty() {
        let mut state: Value = serde_json::from_str(&sandbox.read(FILE)?)?;
        let resources = state["resources"].as_array_mut().context("no resources in the state")?;
        resources.extend(added);
        sandbox.write(FILE, &state.to_string())?;
    }
    Ok(())
}

fn write(sandbox: &Sandbox, group: &Group, step: usize) -> Result<()> {
    let mut root = "provider \"conformance\" {\n  region = \"north\"\n}\n".to_owned();
    for (name, case) in group.cases() {
        let module = format!("work/cases/{name}");
        sandbox.write(&format!("{module}/main.tf"), case.module(step))?;
        sandbox.write(&format!("{module}/versions.tf"), &hcl(""))?;
        root.push_str(&format!(
            "\nmodule \"{name}\" {{\n  source = \"./cases/{name}\"\n}}\n\n\
             output \"{name}\" {{\n  value     = module.{name}\n  sensitive = true\n}}\n\n{}",
            case.root(step)
        ));
        let files = sandbox.file(&format!("work/files/{name}"));
        fs::create_dir_all(&files)?;
        for change in case.files(step) {
            match change? {
                Touch::Write(path, text) => fs::write(files.join(path), text)?,
                Touch::Directory(path) => fs::create_dir(files.join(path))?,
                Touch::Remove(path) => fs::remove_file(files.join(path))
                    .with_context(|| format!("{path} of {name} cannot be removed"))?,
            }
        }
    }
    sandbox.hcl_whole(&hcl(&root))?;
    if step == 1 {
        sandbox.run(&["get"])?.success()?;
    }
    Ok(())
}

fn take(sandbox: &Sandbox, step: usize) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    if step == 1 {
        outcome.add_run("validate", &sandbox.validate()?);
    }
    let plan = sandbox.try_plan(&["-detailed-exitcode"])?;
    outcome.add_run("plan", &plan);
    if plan.code != Some(1) {
        outcome.add_plan(&sandbox.show(&["saved.plan"])?);
        outcome.add_run("apply", &sandbox.apply_saved()?);
        outcome.add_state(&sandbox.show(&[])?);
    }
    anyhow::ensure!(!plan.stdout.contains("Plugin did not respond"), "{ADDRESS} broke:\n{plan}");
    Ok(outcome)
}
