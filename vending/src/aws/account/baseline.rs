//! What a round of the controls means for the phases.

use fleet_model::readiness::{Check, Verdict};

use crate::aws::account::converge::observed::Baseline;
use crate::aws::api::member::RegionStatus;
use crate::aws::controls;
use crate::error::Error;
use crate::phase::Gate;

/// What the controls say, as far as phases depend on it. `may_pass` tells whether a call that failed may be answered
/// otherwise after a while: a denial is no matter of waiting, nor are bad credentials.
pub(crate) fn baseline(
    report: &controls::Report,
    owned: impl Fn(&str) -> bool,
    may_pass: impl Fn(&Error) -> bool,
) -> Baseline {
    let blocking = || report.readiness.findings();
    let owned_pass =
        !blocking().any(|check| check.check != controls::REGIONS && owned(&check.check));
    let regions_refused =
        report.problems.iter().any(|problem| problem.control == controls::REGIONS);
    let lagging = report.problems.iter().any(|problem| may_pass(&problem.error));
    let may_come = |check: &Check| {
        check.verdict == Verdict::Unknown && report.unread(&check.check).is_some_and(&may_pass)
    };
    // Asked for, and on its way.
    let is_coming = |check: &Check| {
        matches!(
            report.regions.get(&check.scope),
            Some(Some(RegionStatus::Enabling | RegionStatus::Disabling | RegionStatus::Disabled))
        )
    };
    let keys = |of: &dyn Fn(&Check) -> bool| {
        let keys: Vec<String> = blocking().filter(|check| of(check)).map(Check::key).collect();
        (!keys.is_empty()).then(|| keys.join(", "))
    };
    let is_region = |check: &Check| check.check == controls::REGIONS;
    Baseline {
        owned_pass,
        ready: report.readiness.ready(),
        coming: keys(&|check| {
            is_region(check) && owned(&check.check) && !regions_refused && is_coming(check)
        }),
        lagging: keys(&|check| {
            !is_region(check) && owned(&check.check) && (lagging || may_come(check))
        }),
        open: format!("open checks: {}", keys(&|_| true).unwrap_or_default()),
    }
}

/// The phase `regions`, from the checks: nothing that we own is left to be asked for.
pub(crate) fn regions_gate(
    report: &controls::Report,
    before: Option<Gate>,
    owned: impl Fn(&str) -> bool,
) -> Gate {
    let mut regions = report.readiness.findings().filter(|check| check.check == controls::REGIONS);
    let left = regions.find(|check| {
        owned(&check.check)
            && (check.verdict == Verdict::Unknown
                || matches!(
                    report.regions.get(&check.scope),
                    Some(Some(RegionStatus::Disabling | RegionStatus::Disabled))
                ))
    });
    match (left, before) {
        (None, _) => Gate::Open,
        (Some(_), Some(Gate::Blocked(reason))) => Gate::Blocked(reason),
        (Some(check), _) => Gate::Pending(format!("{}: {}", check.key(), check.observed).into()),
    }
}
