//! `providers schema -json` says the same of both twins, descriptions included.

use std::path::Path;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Sandbox, each_cli, package_dir};
use serde_json::Value;

use crate::provider::{ADDRESS, hcl, sandbox, twin_sandbox};
use crate::twins::difference::{Known, differences};

each_cli!(the_twins_have_one_schema);

fn the_twins_have_one_schema(cli: Cli) -> Result<()> {
    let found = differences(&schema(&sandbox(cli)?)?, &schema(&twin_sandbox(cli)?)?);
    let known: &Path = &package_dir().join("tests/sdk/cases/schema-differences.txt");
    Known::read(known)?.judge(cli, |_| true, found.into_iter().map(|found| found.of("schema", "")))
}

fn schema(sandbox: &Sandbox) -> Result<Value> {
    sandbox.hcl_whole(&hcl(""))?;
    let run = sandbox.run(&["providers", "schema", "-json"])?.success()?;
    let answer: Value = serde_json::from_str(&run.stdout)?;
    let schema = &answer["provider_schemas"][format!("{}/{ADDRESS}", sandbox.cli.registry())];
    schema.as_object().context("no schema")?;
    Ok(schema.clone())
}
