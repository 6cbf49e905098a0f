//! Every example is a valid configuration to every CLI, those in Markdown too.

use std::fs;

use anyhow::{Result, bail, ensure};
use fleet_acceptance::{Cli, Run, Sandbox, each_cli};

use crate::programs::{Provider, sandbox};
use crate::snippets::{self, Declared};

each_cli!(every_example_is_valid);

/// How many pieces may be exempt. Each says why.
const MOST_FRAGMENTS: usize = 3;

/// What a CLI says of each configuration under a provider that was just built.
const OVERRIDDEN: &str = "Provider development overrides are in effect";

fn every_example_is_valid(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli, &Provider::all()?)?;
    let all = snippets::all()?;
    let declared = Declared::of(&all);
    let (fragments, whole): (Vec<_>, Vec<_>) =
        all.iter().partition(|snippet| snippet.fragment.is_some());
    ensure!(fragments.len() <= MOST_FRAGMENTS, "too many fragments: {fragments:#?}");
    ensure!(whole.len() >= 10, "only {} examples were found", whole.len());

    let mut invalid = Vec::new();
    for snippet in fragments {
        sandbox.hcl_whole(&snippet.text)?;
        // It can be read, if no more.
        check(&sandbox.run(&["fmt", "-no-color"])?, &snippet.place, &mut invalid);
    }
    for snippet in whole {
        if snippets::is_query(&snippet.text) {
            // A language of its own, of which the others know nothing.
            if cli == Cli::Terraform1_15 {
                check(&queried(&sandbox, &snippet.text)?, &snippet.place, &mut invalid);
            }
            continue;
        }
        // Terraform knows imports by identity from 1.12 on, and the pages say so.
        if cli == Cli::Terraform1_11 && imports_by_identity(&snippet.text) {
            continue;
        }
        let mut text = format!("{}{}", snippet.text, declared.missing(&snippet.text));
        if !text.contains("required_providers") {
            text.push_str(&Provider::fleet()?.requirement());
        }
        sandbox.hcl_whole(&text)?;
        check(&sandbox.validate()?, &snippet.place, &mut invalid);
    }
    for dir in snippets::configurations()? {
        let place = dir.display().to_string();
        let run = sandbox.run(&[&format!("-chdir={place}"), "validate", "-json"])?;
        check(&run, &place, &mut invalid);
    }
    if invalid.is_empty() { Ok(()) } else { bail!("{}", invalid.join("\n")) }
}

/// What the CLI says of a file of queries.
fn queried(sandbox: &Sandbox, text: &str) -> Result<Run> {
    const QUERY: &str = "work/example.tfquery.hcl";
    sandbox.hcl_whole(&Provider::fleet()?.requirement())?;
    sandbox.write(QUERY, text)?;
    let run = sandbox.run(&["validate", "-query", "-json"])?;
    fs::remove_file(sandbox.file(QUERY))?;
    Ok(run)
}

fn imports_by_identity(text: &str) -> bool {
    text.starts_with("import {") && text.contains("\n  identity = {")
}

/// An example has neither errors nor warnings: readers copy it.
fn check(run: &Run, place: &str, invalid: &mut Vec<String>) {
    let mut said = run.diagnostics.iter().filter(|said| said.summary != OVERRIDDEN).peekable();
    if run.code != Some(0) || said.peek().is_some() {
        let said: Vec<_> = said.map(ToString::to_string).collect();
        invalid.push(format!("{place}:\n{}{}", said.join("\n"), run.stderr));
    }
}
