//! What a plan costs as a whole, CLI and provider, against the resource that is built into the CLI: that one's
//! provider is no process, so it is near to what no provider can be below.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use fleet_acceptance::{Cli, Program};

use super::figure::{Figure, Target, Unit};
use super::folder::Folder;
use super::numbers::median;
use super::state_server::StateServer;
use super::subject::Subject;

/// The built-in resource.
const BUILT_IN: Subject<'static> = Subject {
    provider: "terraform",
    program: None,
    resource: "terraform_data",
    is_small: true,
    arguments: Cow::Borrowed("input = \"text of ${count.index}\""),
};

/// How much more a plan may cost, for a resource as small as the built-in one. What a large one costs is the CLI's own
/// work on its values, nearly all of it.
const MOST: f64 = 1.25;

/// The folders of a subject, and what its plans cost so far, in seconds.
struct Plans<'a> {
    subject: &'a Subject<'a>,
    fresh: Folder<'a>,
    applied: Folder<'a>,
    of_fresh: Vec<f64>,
    of_applied: Vec<f64>,
}

/// Plans `count` of each resource `rounds` times on a CLI, taking turns: without a state, and after an apply.
pub(crate) fn measure(
    cli: Cli,
    subjects: &[Subject<'_>],
    server: &StateServer,
    count: u32,
    rounds: u32,
) -> Result<Vec<Figure>> {
    let program = cli.program()?;
    let mut built_in = Plans::new(&program, &BUILT_IN, server, count)?;
    let mut all = Vec::new();
    for subject in subjects {
        all.push(Plans::new(&program, subject, server, count)?);
    }
    for _ in 0..rounds {
        built_in.plan()?;
        for plans in &mut all {
            plans.plan()?;
        }
    }
    let mut figures = Vec::new();
    for plans in &all {
        let resource = plans.subject.resource;
        for (what, ours, theirs) in [
            ("plan", &plans.of_fresh, &built_in.of_fresh),
            ("plan with a state", &plans.of_applied, &built_in.of_applied),
        ] {
            let (ours, theirs) = median(ours).zip(median(theirs)).context("no round was run")?;
            let name = format!("CPU of a {what}, {count} {resource}, {cli}");
            let figure = Figure::new(name, Unit::Times, ours / theirs)
                .beside(format!("{ours:.2} s, {} {theirs:.2} s", BUILT_IN.resource));
            figures.push(if plans.subject.is_small {
                figure.target(Target::AtMost(MOST))
            } else {
                figure
            });
        }
    }
    Ok(figures)
}

// === impl Plans ===

impl<'a> Plans<'a> {
    fn new(
        cli: &'a Program,
        subject: &'a Subject<'a>,
        server: &StateServer,
        count: u32,
    ) -> Result<Self> {
        let hcl = subject.resources(count);
        let fresh = Folder::new(cli, subject, &server.fresh())?;
        fresh.write(subject, &hcl)?;
        let applied = Folder::new(cli, subject, &server.fresh())?;
        applied.write(subject, &hcl)?;
        applied.apply()?;
        Ok(Self { subject, fresh, applied, of_fresh: Vec::new(), of_applied: Vec::new() })
    }

    fn plan(&mut self) -> Result<()> {
        self.of_fresh.push(self.fresh.plan()?.as_secs_f64());
        self.of_applied.push(self.applied.plan()?.as_secs_f64());
        Ok(())
    }
}
