//! A round over all controls of one account: observe, decide, act, check.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;
use fleet_model::readiness::{Check, Readiness, Verdict};
use futures::future::join_all;

use super::control::{Control, Part, Round};
use super::registry::CONTROLS;
use super::shed::{self, Shedding};
use super::{ORGANIZATION_POLICIES, PASSWORD_POLICY, Ports, Report, Scope, Shed};
use crate::memory::Memory;

/// Observes and checks. Never writes.
pub async fn evaluate(ports: &Ports<'_>, scope: &Scope<'_>) -> Report {
    Box::pin(round(ports, scope, false)).await
}

/// Observes, repairs what is owned, and checks what is then there.
pub async fn repair(ports: &Ports<'_>, scope: &Scope<'_>) -> Report {
    Box::pin(round(ports, scope, true)).await
}

async fn round(ports: &Ports<'_>, scope: &Scope<'_>, write: bool) -> Report {
    let mut memory = scope.memory.clone();
    let mut shedding =
        if write { shed::inside(ports, scope, &mut memory).await } else { Shedding::default() };
    let mut report = Report::default();
    let ignored = scope.mode(PASSWORD_POLICY) == ControlMode::Ignore;
    if write
        && ignored
        && !leftovers(&memory, scope).iter().any(|of| of.control() == PASSWORD_POLICY)
    {
        (memory.password_policy, memory.made.password) = (None, None);
        report.password_is_back = true;
    }
    let parts = all(CONTROLS, ports, &Scope { memory: &memory, ..*scope }, write).await;
    let mut checks = Vec::new();
    for part in parts {
        checks.extend(part.checks);
        report.problems.extend(part.problems);
        report.unread.extend(part.unread);
        report.regions.extend(part.regions);
        report.work.extend(part.work);
        report.before.keep(part.before);
        if let Some(holds) = part.holds {
            holds(&mut memory.made);
        }
    }
    if write && guardrails_may_go(scope, &checks) {
        let outside = shed::outside(ports, scope, &mut memory).await;
        shedding.problems.extend(outside.problems);
        shedding.warnings.extend(outside.warnings);
    }
    report.made.clone_from(&memory.made);
    report.problems.extend(shedding.problems);
    report.warnings = shedding.warnings;
    memory.password_policy = memory.password_policy.or(report.before.password_policy);
    report.has_leftovers = !leftovers(&memory, scope).is_empty();
    let fails = |control: &str| {
        checks.iter().any(|check| check.check == control && check.verdict == Verdict::Fail)
    };
    report.work.retain(|control| fails(control));
    // Controls share their reads: one that needed none of what failed is not unread.
    report.unread.retain(|of| {
        checks.iter().any(|check| check.check == of.control && check.verdict == Verdict::Unknown)
    });
    report.readiness = Readiness::from_checks(checks);
    report
}

/// What the controls give, in their order. Each begins once those that it comes after are through; the others run beside it.
async fn all(
    controls: &[&'static dyn Control],
    ports: &Ports<'_>,
    scope: &Scope<'_>,
    write: bool,
) -> Vec<Part> {
    let mut regions = BTreeMap::new();
    let mut through: BTreeSet<&str> = BTreeSet::new();
    let mut left: Vec<(usize, &dyn Control)> =
        controls.iter().enumerate().map(|(at, control)| (at, *control)).collect();
    let mut parts: Vec<(usize, Part)> = Vec::new();
    while !left.is_empty() {
        let may_begin = |control: &dyn Control| {
            control.metas().iter().flat_map(|of| of.after).all(|of| through.contains(of))
        };
        let (now, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, control)| may_begin(*control));
        left = later;
        if now.is_empty() {
            break;
        }
        let round = Round { ports, scope, write, regions: &regions };
        let found = join_all(now.iter().map(|(_, control)| control.round(&round))).await;
        through.extend(now.iter().flat_map(|(_, of)| of.metas()).map(|meta| meta.name));
        for ((at, _), part) in now.into_iter().zip(found) {
            regions.extend(part.regions.clone());
            parts.push((at, part));
        }
    }
    parts.sort_by_key(|(at, _)| *at);
    parts.into_iter().map(|(_, part)| part).collect()
}

/// Whether guardrails that nobody asks for any more may come off the account: what takes their place was seen to bind it
/// after the acts, or nothing is to. That no act failed says less, since there is none where the round could not look.
fn guardrails_may_go(scope: &Scope<'_>, checks: &[Check]) -> bool {
    let mut of_policies = checks.iter().filter(|of| of.check == ORGANIZATION_POLICIES);
    scope.mode(ORGANIZATION_POLICIES) == ControlMode::Ignore
        || of_policies.any(|of| of.verdict == Verdict::Pass)
}

fn leftovers(memory: &Memory, scope: &Scope<'_>) -> Vec<Shed> {
    shed::shed(memory, scope.contract, Some(scope.vending))
}

#[cfg(test)]
mod tests;
