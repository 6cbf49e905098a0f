//! What a round of the controls means for the phases.

use fleet_model::readiness::{Check, Verdict};

use super::phase::{Baseline, Gate};
use crate::controls;
use crate::controls::DENIED;
use crate::error::Kind;

/// Regions that were asked for and are on their way.
fn is_coming(observed: &str) -> bool {
    ["ENABLING", "DISABLING", "DISABLED"].iter().any(|word| observed.starts_with(word))
}

/// What the controls say, as far as phases depend on it.
pub(crate) fn baseline(report: &controls::Report, owned: impl Fn(&str) -> bool) -> Baseline {
    let blocking = || report.readiness.findings();
    let owned_pass =
        !blocking().any(|check| check.check != controls::REGIONS && owned(&check.check));
    let regions_refused =
        report.problems.iter().any(|problem| problem.control == controls::REGIONS);
    let lagging = report.problems.iter().any(|problem| {
        matches!(problem.error.kind, Kind::NotYet | Kind::Busy | Kind::Throttled | Kind::Unanswered)
    });
    let keys = |of: &dyn Fn(&Check) -> bool| {
        let keys: Vec<String> = blocking().filter(|check| of(check)).map(Check::key).collect();
        (!keys.is_empty()).then(|| keys.join(", "))
    };
    let is_region = |check: &Check| check.check == controls::REGIONS;
    Baseline {
        owned_pass,
        ready: report.readiness.ready(),
        coming: keys(&|check| {
            is_region(check)
                && owned(&check.check)
                && !regions_refused
                && is_coming(&check.observed)
        }),
        lagging: keys(&|check| {
            !is_region(check)
                && owned(&check.check)
                && (lagging || (check.verdict == Verdict::Unknown && check.observed != DENIED))
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
            && (check.verdict == Verdict::Unknown || check.observed.starts_with("DISABL"))
    });
    match (left, before) {
        (None, _) => Gate::Open,
        (Some(_), Some(Gate::Blocked(reason))) => Gate::Blocked(reason),
        (Some(check), _) => Gate::Pending(format!("{}: {}", check.key(), check.observed)),
    }
}

#[cfg(test)]
mod tests {
    use fleet_model::readiness::{Readiness, Severity};

    use super::*;

    fn unknown(observed: &str) -> controls::Report {
        let check = Check {
            check: controls::PASSWORD_POLICY.to_owned(),
            scope: String::new(),
            verdict: Verdict::Unknown,
            severity: Severity::Medium,
            expected: "14 characters".to_owned(),
            observed: observed.to_owned(),
            api: "iam:GetAccountPasswordPolicy".to_owned(),
            what_to_do: "look".to_owned(),
        };
        controls::Report {
            readiness: Readiness::from_checks([check]),
            ..controls::Report::default()
        }
    }

    #[test]
    fn what_does_not_answer_yet_is_waited_for_and_a_denial_is_not() {
        for (observed, waits) in
            [("the account does not answer this call yet", true), (DENIED, false)]
        {
            let found = baseline(&unknown(observed), |_| true);
            assert_eq!(found.lagging.is_some(), waits, "{observed}");
            assert!(!found.owned_pass, "{observed}");
        }
    }
}
