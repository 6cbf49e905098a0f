//! tofusoup, a client of the protocol that shares no code with ours, validates configurations of each kind.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use fleet_acceptance::{Environment, package_dir};
use serde_json::Value;

use crate::programs::Provider;

#[test]
fn the_provider_takes_what_is_valid() -> Result<()> {
    takes("fleet.toml", &Provider::fleet()?)
}

#[test]
fn the_conformance_example_takes_what_is_valid() -> Result<()> {
    takes("conformance.toml", &Provider::conformance()?)
}

#[test]
fn the_small_example_takes_what_is_valid() -> Result<()> {
    takes("example.toml", &Provider::example()?)
}

#[test]
fn the_provider_refuses_what_is_not() -> Result<()> {
    refuses("fleet.invalid.toml", &Provider::fleet()?)
}

#[test]
fn the_conformance_example_refuses_what_is_not() -> Result<()> {
    refuses("conformance.invalid.toml", &Provider::conformance()?)
}

/// A suite without an error and without a warning.
fn takes(suite: &str, provider: &Provider) -> Result<()> {
    let output = lint(suite, provider)?;
    ensure!(output.status.success(), "{suite}: {}", said(&output));
    let quiet = cases(&output)?.iter().all(|case| case["diagnostics"] == Value::Array(Vec::new()));
    ensure!(quiet, "{suite}: {}", said(&output));
    Ok(())
}

/// A suite whose cases, but for the first, have one error each: the one they expect.
fn refuses(suite: &str, provider: &Provider) -> Result<()> {
    let output = lint(suite, provider)?;
    ensure!(!output.status.success(), "{suite}: {}", said(&output));
    let errors: Vec<_> = cases(&output)?
        .iter()
        .map(|case| case["diagnostics"].as_array().map(Vec::len).unwrap_or_default())
        .collect();
    let as_expected = errors.split_first().is_some_and(|(first, rest)| {
        *first == 0 && !rest.is_empty() && rest.iter().all(|errors| *errors == 1)
    });
    // This is how it says that another message came, or none.
    ensure!(as_expected && !said(&output).contains("did not return"), "{suite}: {}", said(&output));
    Ok(())
}

/// Runs a suite: the provider is started, asked, and ended over its own socket.
fn lint(suite: &str, provider: &Provider) -> Result<Output> {
    let python = Environment::with("tofusoup/requirements.txt")?.python;
    let soup = python.parent().unwrap_or(Path::new("")).join("soup");
    Command::new(&soup)
        .args(["lint", suite, "--lane", "direct", "--json", "--provider"])
        .arg(&provider.program)
        .current_dir(package_dir().join("tofusoup"))
        .output()
        .with_context(|| format!("{} cannot be started", soup.display()))
}

/// The cases of the answer.
fn cases(output: &Output) -> Result<Vec<Value>> {
    let answer: Value = serde_json::from_slice(&output.stdout).with_context(|| said(output))?;
    answer["direct"]["cases"].as_array().cloned().with_context(|| said(output))
}

fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}
