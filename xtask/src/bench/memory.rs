//! How much memory a provider needs in a large plan.

use anyhow::Result;
use fleet_acceptance::Program;

use super::figure::{Figure, Target, Unit};
use super::folder::Folder;
use super::numbers::milliseconds;
use super::state_server::StateServer;
use super::subject::Subject;

/// Megabytes that a provider may have resident at its peak.
const MOST_MEGABYTES: f64 = 12.0;

/// Plans `count` of each resource once.
pub(crate) fn measure(
    cli: &Program,
    subjects: &[Subject<'_>],
    server: &StateServer,
    count: u32,
) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for subject in subjects {
        let folder = Folder::metered(cli, subject, &server.fresh())?;
        folder.write(subject, &subject.resources(count))?;
        let metered = folder.provider_in(Folder::plan)?;
        let cpu = milliseconds(metered.cpu);
        let each = cpu / f64::from(count);
        figures.push(
            Figure::new(
                format!("peak memory, plan of {count} {}", subject.resource),
                Unit::Megabytes,
                metered.peak,
            )
            .target(Target::AtMost(MOST_MEGABYTES))
            .beside(format!(
                "{cpu:.0} ms of CPU in {} starts, {each:.3} ms each",
                metered.processes
            )),
        );
    }
    Ok(figures)
}
