//! The SDK's README, followed to the letter: its provider, and its configuration.

use std::fs;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, each_cli};

use crate::programs::{Provider, sandbox};
use crate::snippets;

each_cli!(the_small_example_does_what_its_readme_says);

fn the_small_example_does_what_its_readme_says(cli: Cli) -> Result<()> {
    let sandbox = sandbox(cli, &[Provider::example()?])?;
    let snippets = snippets::all()?;
    let readme = snippets.iter().find(|found| found.place.starts_with("crates/tfplugin/README.md"));
    let configuration = &readme.context("the README has no configuration")?.text;
    let file = sandbox.file("work/greeting.txt");

    sandbox.hcl_whole(configuration)?;
    sandbox.apply()?;
    assert_eq!(fs::read_to_string(&file)?, "Hello.");
    sandbox.assert_unchanged()?;

    // What somebody else did to it is seen, and put right.
    fs::write(&file, "Go away.")?;
    assert_eq!(sandbox.plan()?.actions["example_file.greeting"], "update");
    sandbox.apply_saved()?.success()?;
    fs::remove_file(&file)?;
    assert_eq!(sandbox.plan()?.actions["example_file.greeting"], "create");
    sandbox.apply_saved()?.success()?;

    sandbox.hcl_whole(&configuration.replace("greeting.txt", "welcome.txt"))?;
    assert_eq!(sandbox.plan()?.actions["example_file.greeting"], "replace");
    sandbox.apply_saved()?.success()?;
    assert!(!file.exists());
    sandbox.try_destroy(&[])?.success()?;
    assert!(!sandbox.file("work/welcome.txt").exists());
    Ok(())
}
