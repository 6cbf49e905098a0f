//! Finding the objects that exist, with `query`.

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Run, each_cli};
use serde_json::{Value, json};

use crate::provider::{hcl, sandbox};

each_cli!(objects_are_found, a_bad_search_is_an_error);

/// `query` came with Terraform 1.14; OpenTofu has none.
fn can_query(cli: Cli) -> bool {
    cli == Cli::Terraform1_15
}

/// What a query found in a list, in its order.
fn found(run: &Run, address: &str) -> Vec<Value> {
    run.stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .map(|line| line["list_resource_found"].clone())
        .filter(|found| found["address"] == address)
        .collect()
}

fn objects_are_found(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&hcl(""))?;
    sandbox.write(
        "work/find.tfquery.hcl",
        "list \"conformance_identified\" \"all\" {\n  provider         = conformance\n  include_resource = true\n\n  \
         config {\n    prefix = \"p\"\n    amount = 40\n  }\n}\n\n\
         list \"conformance_identified\" \"few\" {\n  provider = conformance\n  limit    = 2\n}\n",
    )?;
    let run = sandbox.run(&["query", "-json"])?;
    if !can_query(cli) {
        run.failure()?;
        return Ok(());
    }
    let run = run.success()?;
    let all = found(&run, "list.conformance_identified.all");
    assert_eq!(all.len(), 40, "{run}");
    assert_eq!(all[39]["display_name"], "eu/p40");
    assert_eq!(all[39]["identity"], json!({ "name": "p40", "region": "eu" }));
    assert_eq!(
        all[39]["resource_object"],
        json!({ "name": "p40", "region": "eu", "note": null, "id": "eu/p40" })
    );
    let few = found(&run, "list.conformance_identified.few");
    let names: Vec<_> = few.iter().map(|found| &found["display_name"]).collect();
    assert_eq!(names, ["eu/1", "eu/2"]);
    assert!(few[0].get("resource_object").is_none());

    // What was found becomes configuration and import blocks, and those are imported.
    sandbox.run(&["query", "-generate-config-out=found.tf"])?.success()?;
    std::fs::remove_file(sandbox.file("work/find.tfquery.hcl"))?;
    sandbox.apply()?;
    assert_eq!(sandbox.state()?.resources.len(), 42);
    sandbox.assert_unchanged()
}

fn a_bad_search_is_an_error(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli)?;
    sandbox.hcl_whole(&hcl(""))?;
    sandbox.write(
        "work/find.tfquery.hcl",
        "list \"conformance_identified\" \"all\" {\n  provider = conformance\n\n  config {\n    amount = -1\n  }\n}\n",
    )?;
    let run = sandbox.run(&["query", "-json"])?.failure()?;
    if can_query(cli) {
        let error = run.errors().next().context("no error")?;
        assert!(error.detail.contains("must be between 0 and 1000"), "{run}");
        let snippet = error.snippet.as_ref().map(|of| of.code.trim());
        assert_eq!(snippet, Some("amount = -1"), "{run}");
    }
    Ok(())
}
