//! `cargo xtask bench`: what the SDK and its providers cost, as a table of figures and what they should be.
//!
//! The sides of a ratio take turns, so that what else the machine does meanwhile is the same for both. CPU is counted,
//! never the time on a clock. A target that is missed is printed, and is no failure: figures of a busy machine prove
//! nothing.

mod figure;
mod fleet;
mod folder;
mod memory;
pub(crate) mod meter;
mod numbers;
mod plans;
mod process;
mod programs;
mod sets;
mod sizes;
mod starts;
mod state_server;
mod subject;
mod twins;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Args, ValueEnum};
use fleet_acceptance::Cli;

use figure::Figure;
use programs::Programs;
use state_server::StateServer;
use subject::{Subject, THING};

/// What to measure, and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these parts.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Resources in a large plan.
    #[arg(short, default_value_t = 1000)]
    n: u32,
    /// Small plans and few rounds: to see that it runs, not what is measured.
    #[arg(long)]
    quick: bool,
}

/// A part of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Sizes of the programs.
    Size,
    /// CPU and memory up to the handshake line.
    Start,
    /// Memory in a large plan.
    Memory,
    /// CPU of a large plan against the built-in resource.
    Plan,
    /// CPU of large sets.
    Set,
    /// CPU of the Go provider of the same schema.
    Go,
    /// Calls to AWS of accounts that are vended at once.
    Vend,
    /// Calls to AWS of a fleet's refresh.
    Refresh,
    /// Memory in the refresh of a large fleet.
    Fleet,
}

/// The CLIs that are programs of their own. Terraform 1.15.5 is a library inside of Python here, whose start would be
/// measured with it.
const CLIS: [Cli; 2] = [Cli::Terraform1_11, Cli::OpenTofu1_12];

/// Resources that the Go provider is asked for: it takes its time.
const MOST_OF_GO: u32 = 100;

/// How much is measured.
struct Amount {
    /// Starts of each provider.
    starts: u32,
    /// Resources in a large plan.
    resources: u32,
    /// Plans of each kind.
    rounds: u32,
    /// Elements of sets.
    sets: [u32; 3],
    fleet: fleet::Amount,
}

/// Measures, and prints the table. Fails only when something could not be measured at all.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let began = Instant::now();
    let wanted = |part: &Part| options.only.is_empty() || options.only.contains(part);
    let amount = if options.quick {
        Amount {
            starts: 5,
            resources: options.n.min(50),
            rounds: 1,
            sets: [500, 1000, 2000],
            fleet: fleet::Amount { vended: 7, refreshed: 25, remembered: 50 },
        }
    } else {
        Amount {
            starts: 40,
            resources: options.n,
            rounds: 5,
            sets: [5000, 10_000, 20_000],
            fleet: fleet::Amount { vended: 50, refreshed: options.n, remembered: 5 * options.n },
        }
    };
    println!("building the providers as they are released (minutes the first time)");
    let programs = programs::build(
        [Part::Size, Part::Start, Part::Vend, Part::Refresh, Part::Fleet].iter().any(wanted),
        [Part::Size, Part::Start, Part::Go].iter().any(wanted),
    )?;
    let server = StateServer::start()?;
    let mut figures = Vec::new();
    let mut failures = Vec::new();
    for part in Part::value_variants().iter().filter(|part| wanted(part)) {
        match measure(*part, &amount, &programs, &server) {
            Ok(more) => figures.extend(more),
            Err(error) => failures.push(format!("{part:?} could not be measured: {error:#}")),
        }
    }
    println!("\n{}\n{} s in all", figure::table(&figures), began.elapsed().as_secs());
    for failure in &failures {
        println!("{failure}");
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The figures of a part.
fn measure(
    part: Part,
    amount: &Amount,
    programs: &Programs,
    server: &StateServer,
) -> Result<Vec<Figure>> {
    let &Amount { starts, resources, rounds, sets, fleet } = amount;
    let subjects = [Subject::file(&programs.small), Subject::thing(&programs.large, THING)];
    match part {
        Part::Size => sizes::measure(&programs.all()),
        Part::Start => {
            println!("starting each provider {starts} times");
            starts::measure(&programs.all(), starts)
        }
        Part::Memory => {
            println!("planning {resources} resources with a metered provider");
            memory::measure(&Cli::Terraform1_11.program()?, &subjects, server, resources)
        }
        Part::Plan => {
            let mut figures = Vec::new();
            for cli in CLIS {
                println!("planning {resources} resources {rounds} times each on {cli}");
                figures.extend(plans::measure(cli, &subjects, server, resources, rounds)?);
            }
            Ok(figures)
        }
        Part::Go => {
            let Some(go) = &programs.go else { return Ok(Vec::new()) };
            let count = resources.min(MOST_OF_GO);
            println!("planning and applying {count} resources with the Go provider");
            let (ours, go) = (Subject::thing(&programs.large, THING), Subject::thing(go, THING));
            let cli = Cli::Terraform1_11.program()?;
            twins::measure(&cli, &ours, &go, server, count, rounds.min(3))
        }
        Part::Set => {
            println!("planning sets of up to {} elements", sets[2]);
            let cli = Cli::Terraform1_11.program()?;
            sets::measure(&cli, &programs.large, server, &sets, rounds.min(3))
        }
        Part::Vend | Part::Refresh | Part::Fleet => match (&programs.fleet, part) {
            (Some(provider), Part::Vend) => fleet::vend(provider, fleet.vended),
            (Some(provider), Part::Refresh) => fleet::refresh(provider, fleet.refreshed),
            (Some(provider), _) => fleet::memory(provider, fleet.remembered),
            (None, _) => Ok(Vec::new()),
        },
    }
}
