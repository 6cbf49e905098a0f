//! What each CLI understands of each provider's schemas, as golden files: a change of an API is a difference to review.
//!
//! `NAME.json` is what the newest CLI prints. Another CLI has a file of its own only where it prints something else.
//! `EXPECTORATE=overwrite cargo xtask test --only acceptance schemas` writes the files anew.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use fleet_acceptance::{Cli, package_dir};
use serde_json::Value;

use crate::programs::{Provider, sandbox};

/// The CLI that knows most of the protocol.
const NEWEST: Cli = Cli::Terraform1_15;

#[test]
fn the_providers_schemas_are_as_written() -> Result<()> {
    as_written(&Provider::fleet()?)
}

#[test]
fn the_conformance_schemas_are_as_written() -> Result<()> {
    as_written(&Provider::conformance()?)
}

#[test]
fn the_small_examples_schemas_are_as_written() -> Result<()> {
    as_written(&Provider::example()?)
}

fn as_written(provider: &Provider) -> Result<()> {
    // What documentation is made of has to be what the newest CLI reads off the wire.
    expectorate::assert_contents(golden(provider, None), &pretty(&own(provider)?)?);
    let newest = printed(NEWEST, provider)?;
    expectorate::assert_contents(golden(provider, None), &pretty(&newest)?);
    for cli in Cli::ALL.into_iter().filter(|cli| *cli != NEWEST) {
        let found = printed(cli, provider)?;
        let own = golden(provider, Some(cli));
        if found != newest {
            expectorate::assert_contents(own, &pretty(&found)?);
        } else if own.exists() {
            ensure!(overwrites(), "{cli} prints the same as {NEWEST}: {} is stale", own.display());
            fs::remove_file(own)?;
        }
    }
    Ok(())
}

/// What a provider prints of itself; it would say on stderr which rules its schemas break.
fn own(provider: &Provider) -> Result<Value> {
    let output = Command::new(&provider.program).arg("-schema").output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && said.is_empty(), "{} -schema: {said}", provider.name());
    only_provider(&output.stdout)
}

/// What a CLI prints of a provider. Its address is left out: each CLI puts its own registry there.
fn printed(cli: Cli, provider: &Provider) -> Result<Value> {
    let sandbox = sandbox(cli, std::slice::from_ref(provider))?;
    sandbox.hcl_whole(&provider.requirement())?;
    let run = sandbox.run(&["providers", "schema", "-json"])?.success()?;
    only_provider(run.stdout.as_bytes())
}

/// The schemas of the one provider in the answer.
fn only_provider(answer: &[u8]) -> Result<Value> {
    let answer: Value = serde_json::from_slice(answer)?;
    let providers = answer["provider_schemas"].as_object().context("no provider_schemas")?;
    let mut found = providers.values();
    let provider = found.next().context("no provider in the answer")?;
    ensure!(found.next().is_none(), "several providers: {:?}", providers.keys());
    Ok(provider.clone())
}

/// The golden file of a CLI; none is the newest's, which others share.
fn golden(provider: &Provider, cli: Option<Cli>) -> PathBuf {
    let of = match cli {
        None => "",
        Some(Cli::Terraform1_11) => ".terraform-1.11",
        Some(Cli::Terraform1_15) => ".terraform-1.15",
        Some(Cli::OpenTofu1_12) => ".opentofu-1.12",
    };
    package_dir().join("tests/outside/schemas").join(format!("{}{of}.json", provider.name()))
}

/// Objects in the order of their keys, a line for each of their values.
fn pretty(value: &Value) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Whether golden files are to be written.
fn overwrites() -> bool {
    env::var_os("EXPECTORATE").is_some_and(|value| value == "overwrite")
}
