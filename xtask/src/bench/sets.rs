//! How the cost of a set grows with its size, through a CLI.

use anyhow::{Context as _, Result};
use fleet_acceptance::Program;

use super::figure::{Figure, Target, Unit};
use super::folder::Folder;
use super::numbers::{growth, median, milliseconds};
use super::state_server::StateServer;
use super::subject::{Program as Provider, Subject};

/// The most that a cost may grow: linear, with room for what else the machine does.
const MOST_GROWTH: f64 = 1.15;

/// Milliseconds of CPU that a provider may need for 10,000 elements.
const MOST_MILLISECONDS: f64 = 1000.0;

/// What a thing needs besides.
const NAME: &str = "name = \"thing\"";

/// What is in a set of SIZE hundreds; `range` gives no more than 1024.
const KINDS: [(&str, &str); 2] = [
    (
        "texts",
        "tags = toset([for pair in setproduct(range(SIZE), range(100)) : join(\"-\", pair)])",
    ),
    (
        "objects",
        "networks = [for pair in setproduct(range(SIZE), range(100)) : { network = join(\"-\", pair) }]",
    ),
];

/// Plans one `thing` with sets of each of `sizes`, which grow: multiples of a hundred. The middle of `rounds` is what a
/// size costs.
pub(crate) fn measure(
    cli: &Program,
    provider: &Provider,
    server: &StateServer,
    sizes: &[u32],
    rounds: u32,
) -> Result<Vec<Figure>> {
    let folder = Folder::metered(cli, &Subject::thing(provider, NAME), &server.fresh())?;
    let cost = |arguments: String| -> Result<f64> {
        let subject = Subject::thing(provider, arguments);
        folder.write(&subject, &subject.resources(1))?;
        let rounds: Vec<f64> = (0..rounds)
            .map(|_| Ok(milliseconds(folder.provider_in(Folder::plan)?.cpu)))
            .collect::<Result<_>>()?;
        median(&rounds).context("there is no round")
    };
    // What starts and one small object cost is not the set's.
    let without = cost(NAME.to_owned())?;
    let mut figures = Vec::new();
    for (kind, argument) in KINDS {
        let mut costs = Vec::new();
        for &size in sizes {
            let argument = argument.replace("SIZE", &(size / 100).to_string());
            let whole = cost(format!("{NAME}\n{argument}"))?;
            costs.push((f64::from(size), whole - without));
        }
        let (first, last) = costs.first().zip(costs.last()).context("there is no size")?;
        let beside: Vec<String> =
            costs.iter().map(|(size, cost)| format!("{size}: {cost:.0} ms")).collect();
        if let Some(growth) = growth(*first, *last) {
            let name = format!("growth of the provider's CPU with a set of {kind}");
            figures.push(
                Figure::new(name, Unit::Power, growth)
                    .target(Target::AtMost(MOST_GROWTH))
                    .beside(beside.join(", ")),
            );
        }
        if let Some((_, cost)) = costs.iter().find(|(size, _)| *size == 10_000.0) {
            let name = format!("CPU of the provider for a set of 10000 {kind}");
            figures.push(
                Figure::new(name, Unit::Milliseconds, *cost)
                    .target(Target::AtMost(MOST_MILLISECONDS)),
            );
        }
    }
    Ok(figures)
}
