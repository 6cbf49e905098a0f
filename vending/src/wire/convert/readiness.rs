//! Checks with their evidence.

use fleet_model::readiness::{Check, Readiness, Severity, Verdict};
use fleet_vending_proto::v1beta1 as wire;

use super::text::{Nonsense, few, name, paragraphs, shown};

pub(in crate::wire) fn to_message(check: &Check) -> wire::ReadinessCheck {
    let verdict = match check.verdict {
        Verdict::Pass => wire::Verdict::Pass,
        Verdict::Fail => wire::Verdict::Fail,
        Verdict::Unknown => wire::Verdict::Unknown,
        Verdict::NotApplicable => wire::Verdict::Skipped,
    };
    wire::ReadinessCheck {
        check: check.check.clone(),
        scope: check.scope.clone(),
        verdict: verdict.into(),
        severity: severity_to(check.severity).into(),
        expected: check.expected.clone(),
        observed: check.observed.clone(),
        api: check.api.clone(),
        what_to_do: check.what_to_do.clone(),
    }
}

pub(in crate::wire) fn severity_to(severity: Severity) -> wire::Severity {
    match severity {
        Severity::Low => wire::Severity::Low,
        Severity::Medium => wire::Severity::Medium,
        Severity::High => wire::Severity::High,
        Severity::Critical => wire::Severity::Critical,
    }
}

/// What this version does not know is unknown, and critical.
pub(in crate::wire) fn check_from(check: &wire::ReadinessCheck) -> Result<Check, Nonsense> {
    let verdict = match wire::Verdict::try_from(check.verdict).unwrap_or_default() {
        wire::Verdict::Pass => Verdict::Pass,
        wire::Verdict::Fail => Verdict::Fail,
        wire::Verdict::Unknown | wire::Verdict::Unspecified => Verdict::Unknown,
        wire::Verdict::Skipped => Verdict::NotApplicable,
    };
    let severity = match wire::Severity::try_from(check.severity).unwrap_or_default() {
        wire::Severity::Low => Severity::Low,
        wire::Severity::Medium => Severity::Medium,
        wire::Severity::High => Severity::High,
        wire::Severity::Critical | wire::Severity::Unspecified => Severity::Critical,
    };
    Ok(Check {
        check: name("the name of a check", &check.check)?,
        scope: shown(&check.scope),
        verdict,
        severity,
        expected: paragraphs(&check.expected),
        observed: paragraphs(&check.observed),
        api: shown(&check.api),
        what_to_do: paragraphs(&check.what_to_do),
    })
}

/// All checks of an account, each once.
pub(in crate::wire) fn from_messages(
    checks: Vec<wire::ReadinessCheck>,
) -> Result<Readiness, Nonsense> {
    let mut readiness = Readiness::default();
    for check in few("checks", checks)? {
        let check = check_from(&check)?;
        let key = check.key();
        if readiness.checks.insert(key.clone(), check).is_some() {
            return Err(Nonsense(format!("the check {key} is there twice")));
        }
    }
    Ok(readiness)
}
