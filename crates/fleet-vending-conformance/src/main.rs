//! `fleet-vending-conformance`: does a vendor of accounts keep the contract?

mod account;
mod contract;
mod kit;
mod launch;
mod options;
mod report;
mod session;
mod world;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser as _;
use serde_json::Value;

use account::Template;
use kit::Kit;
use launch::Launcher;
use options::{FAULTS, Options};
use world::World;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok((text, failed)) => {
            // A reader that has gone away is no failure of the vendor.
            let _ = std::io::stdout().write_all(text.as_bytes());
            if failed { ExitCode::from(1) } else { ExitCode::SUCCESS }
        }
        Err(error) => {
            let error = report::shown(&format!("{error:#}"));
            let _ = writeln!(std::io::stderr(), "fleet-vending-conformance: {error}");
            ExitCode::from(2)
        }
    }
}

/// What to print, and whether a test failed.
fn run(options: &Options) -> Result<(String, bool)> {
    for fault in &options.faults {
        ensure!(
            FAULTS.contains(&fault.as_str()),
            "--faults: there is no `{fault}`; there are {}",
            FAULTS.join(", ")
        );
    }
    for number in &options.only {
        ensure!((1..=25).contains(number), "--only: the tests have the numbers 1 to 25");
    }
    let world = World::new(options)?;
    let settings = match &options.settings {
        None => String::new(),
        Some(file) => {
            let text = world
                .place(&std::fs::read_to_string(file).with_context(|| file.display().to_string())?);
            let value: Value =
                serde_json::from_str(&text).with_context(|| file.display().to_string())?;
            ensure!(value.is_object(), "{} is no JSON object", file.display());
            value.to_string()
        }
    };
    let template: Template = match &options.account {
        None => Template::default(),
        Some(file) => {
            let text = world
                .place(&std::fs::read_to_string(file).with_context(|| file.display().to_string())?);
            serde_json::from_str(&text).with_context(|| file.display().to_string())?
        }
    };
    let command: Vec<OsString> = options.command.iter().map(|word| placed(&world, word)).collect();
    let limit = Duration::from_secs(options.start);
    let launcher = Launcher::new(&command, environment(&options.env, &world)?, limit)?;
    let limits = (Duration::from_secs(options.patience), Duration::from_secs(options.silence));
    let mut kit = Kit::new(launcher, world, settings, template, limits, options.secret.clone());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        kit.about = kit.raw().await?.describe().await.context("Describe")?;
        let missing = kit.template.complete(&kit.about.required_arguments);
        if !missing.is_empty() {
            bail!(
                "the vendor makes no account without {}: give an example of each with --account",
                missing.join(", ")
            );
        }
        let rows = contract::run(&kit, &options.only).await;
        let vendor = format!("{} {}", kit.about.name, kit.about.version);
        let text = if options.json {
            report::json(&vendor, &rows)?
        } else {
            report::table(&vendor, &rows)
        };
        Ok((text, report::count(&rows).failed > 0))
    })
}

/// A word of the command; one that is no text stays as it is.
fn placed(world: &World, word: &OsString) -> OsString {
    word.to_str().map_or_else(|| word.clone(), |text| world.place(text).into())
}

fn environment(given: &[String], world: &World) -> Result<Vec<(OsString, OsString)>> {
    let variable = |text: &String| {
        let (name, value) =
            text.split_once('=').with_context(|| format!("--env {text}: NAME=VALUE is meant"))?;
        Ok((name.into(), world.place(value).into()))
    };
    given.iter().map(variable).collect()
}
