//! Many accounts vended at once: AWS creates five at a time, and no call should be spent on a sixth.
//!
//! A create takes ten seconds here; AWS takes half a minute or more, so that more of its limit is in use there.

use anyhow::Result;

use super::calls::{by_service, number, total};
use super::world::World;
use crate::bench::figure::{Figure, Target, Unit};
use crate::bench::subject::Program;

/// AWS's limit on accounts in creation.
const AT_ONCE: f64 = 5.0;

/// Vends `count` accounts in one apply.
pub(crate) fn vend(provider: &Program, count: u32) -> Result<Vec<Figure>> {
    println!("vending {count} accounts at -parallelism={count}");
    let world = World::new(provider, &["create_seconds=10", "role_seconds=1"])?;
    world.ask_for(count, "")?;
    let parallelism = format!("-parallelism={count}");
    let (run, metered) = world.run(&["apply", "-auto-approve", "-no-color", &parallelism])?;
    let calls = world.emulator()?.calls()?;
    let creates: Vec<(f64, f64)> = serde_json::from_value(world.emulator()?.get("creates")?)?;
    let sent = calls.get("organizations:CreateAccount").copied().unwrap_or_default();
    let utilisation = utilisation(&creates) * 100.0;
    Ok(vec![
        Figure::new(
            format!("creates in flight, {count} accounts"),
            Unit::Number,
            most_at_once(&creates),
        )
        .target(Target::AtMost(AT_ONCE))
        .beside(format!("{utilisation:.0} % of {AT_ONCE} in use from the first to the last")),
        Figure::new(
            "CreateAccount calls per account",
            Unit::Number,
            number(sent) / f64::from(count),
        )
        .target(Target::AtMost(1.0))
        .beside(format!("{} took {:.0} s", accounts(count), run.took.as_secs_f64())),
        Figure::new("calls per account vended", Unit::Number, total(&calls) / f64::from(count))
            .beside(by_service(&calls, count)),
        Figure::new(format!("peak memory, vending of {count}"), Unit::Megabytes, metered.peak),
    ])
}

fn accounts(count: u32) -> String {
    format!("{count} accounts")
}

/// How many spans overlap at most.
fn most_at_once(spans: &[(f64, f64)]) -> f64 {
    let overlapping =
        |moment: f64| spans.iter().filter(|(from, to)| (*from..*to).contains(&moment)).count();
    spans.iter().map(|(from, _)| overlapping(*from)).max().map_or(0.0, |most| number(most as u64))
}

/// The part of [`AT_ONCE`] that is in use between the first begin and the last end.
fn utilisation(spans: &[(f64, f64)]) -> f64 {
    let used: f64 = spans.iter().map(|(from, to)| to - from).sum();
    let first = spans.iter().map(|(from, _)| *from).fold(f64::INFINITY, f64::min);
    let last = spans.iter().map(|(_, to)| *to).fold(f64::NEG_INFINITY, f64::max);
    if last > first { used / (AT_ONCE * (last - first)) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_and_use_are_counted() {
        let spans = [(0.0, 2.0), (0.0, 2.0), (1.0, 3.0), (2.0, 4.0)];
        assert!((most_at_once(&spans) - 3.0).abs() < 1e-9);
        assert!((utilisation(&spans) - 8.0 / 20.0).abs() < 1e-9);
        assert!(utilisation(&[]).abs() < 1e-9 && most_at_once(&[]).abs() < 1e-9);
    }
}
