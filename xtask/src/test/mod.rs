//! `cargo xtask test`: what CI runs.

mod circles;
mod count;
mod layering;
mod pipelines;
mod steps;
mod vendors;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Args, ValueEnum};

use count::{Count, Outcome};
use steps::Step;

/// What to run; all of it by default.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these parts.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Only tests whose name contains this.
    filter: Option<String>,
}

/// A part of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Format, lints, layering, freshness of what is generated, packages.
    Lint,
    /// Unit, property and golden tests, the emulator's own tests.
    Unit,
    /// The kit against the vendors of accounts.
    Vendors,
    /// The real CLIs against the built provider.
    Acceptance,
}

/// Runs the steps one after the other, all of them even when one fails.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let start = Instant::now();
    let steps: Vec<Step> = steps::all(options.filter.as_deref())
        .into_iter()
        .filter(|step| options.only.is_empty() || options.only.contains(&step.part))
        .collect();
    let mut total = Count::default();
    let mut failed = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        println!("\n=== {}/{} {}", number + 1, steps.len(), step.name);
        let began = Instant::now();
        let Outcome { count, told } = (step.run)().unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome::failure(&format!("{error:#}"))
        });
        let seconds = began.elapsed().as_secs();
        println!("--- {}: {count} in {seconds} s", step.name);
        if count.failed > 0 {
            failed.push((step.name, told));
        }
        total += count;
    }
    println!("\n{} s in all", start.elapsed().as_secs());
    for (name, told) in &failed {
        println!("failed: {name}");
        for line in told {
            println!("    {line}");
        }
    }
    println!("{total}");
    Ok(if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
