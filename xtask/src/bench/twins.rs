//! What our provider costs against the Go provider of the same schema.

use anyhow::{Context as _, Result};
use fleet_acceptance::Program;

use super::figure::{Figure, Target, Unit};
use super::folder::Folder;
use super::numbers::{median, milliseconds};
use super::state_server::StateServer;
use super::subject::Subject;

/// How many times as much the Go provider has to cost.
const LEAST_RATIO: f64 = 10.0;

/// What a provider cost in each round: milliseconds of CPU, and megabytes at its peak.
#[derive(Default)]
struct Costs {
    plan: Vec<f64>,
    apply: Vec<f64>,
    peak: f64,
}

/// Plans and applies `count` resources `rounds` times with each provider, taking turns.
pub(crate) fn measure(
    cli: &Program,
    ours: &Subject<'_>,
    go: &Subject<'_>,
    server: &StateServer,
    count: u32,
    rounds: u32,
) -> Result<Vec<Figure>> {
    let (mut of_ours, mut of_go) = (Costs::default(), Costs::default());
    for _ in 0..rounds {
        of_ours.add(cli, ours, server, count)?;
        of_go.add(cli, go, server, count)?;
    }
    let mut figures = Vec::new();
    for (what, ours, theirs) in
        [("plan", &of_ours.plan, &of_go.plan), ("apply", &of_ours.apply, &of_go.apply)]
    {
        let (ours, theirs) = median(ours).zip(median(theirs)).context("no round was run")?;
        figures.push(
            Figure::new(
                format!("CPU of the Go provider, {what} of {count} {}", go.resource),
                Unit::Times,
                theirs / ours,
            )
            .target(Target::AtLeast(LEAST_RATIO))
            .beside(format!("Go {theirs:.0} ms, ours {ours:.0} ms")),
        );
    }
    let what = format!("peak memory of the Go provider, {count} {}", go.resource);
    figures.push(
        Figure::new(what, Unit::Times, of_go.peak / of_ours.peak)
            .beside(format!("Go {:.1} MB, ours {:.1} MB", of_go.peak, of_ours.peak)),
    );
    Ok(figures)
}

// === impl Costs ===

impl Costs {
    fn add(
        &mut self,
        cli: &Program,
        subject: &Subject<'_>,
        server: &StateServer,
        count: u32,
    ) -> Result<()> {
        let folder = Folder::metered(cli, subject, &server.fresh())?;
        folder.write(subject, &subject.resources(count))?;
        let plan = folder.provider_in(Folder::plan)?;
        let apply = folder.provider_in(Folder::apply)?;
        self.plan.push(milliseconds(plan.cpu));
        self.apply.push(milliseconds(apply.cpu));
        self.peak = self.peak.max(plan.peak).max(apply.peak);
        Ok(())
    }
}
