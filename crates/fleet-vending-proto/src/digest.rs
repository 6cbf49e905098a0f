//! The digest of readiness, as the guide "Write a vendor" defines it.

use sha2::{Digest as _, Sha256};

use crate::v1beta1 as pb;

/// Lower-case hex SHA-256 over check, scope, verdict, expected and observed of each check, each text after its length.
#[must_use]
pub fn of(checks: &[pb::ReadinessCheck]) -> String {
    let mut checks: Vec<&pb::ReadinessCheck> = checks.iter().collect();
    checks.sort_by_key(|check| match check.scope.as_str() {
        "" => check.check.clone(),
        scope => format!("{}/{scope}", check.check),
    });
    let mut total = Sha256::new();
    for check in checks {
        let verdict = match check.verdict() {
            pb::Verdict::Pass => "pass",
            pb::Verdict::Fail => "fail",
            pb::Verdict::Skipped => "not_applicable",
            pb::Verdict::Unknown | pb::Verdict::Unspecified => "unknown",
        };
        for text in [&check.check, &check.scope, verdict, &check.expected, &check.observed] {
            total.update((text.len() as u64).to_be_bytes());
            total.update(text.as_bytes());
        }
    }
    total.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use fleet_model::readiness::{Check, Readiness, Severity, Verdict};

    use super::*;

    #[test]
    fn it_is_the_digest_that_the_provider_keeps() {
        let verdicts = [
            (Verdict::Pass, pb::Verdict::Pass),
            (Verdict::Fail, pb::Verdict::Fail),
            (Verdict::Unknown, pb::Verdict::Unknown),
            (Verdict::NotApplicable, pb::Verdict::Skipped),
        ];
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for (number, (provider, wire)) in verdicts.into_iter().enumerate() {
            // Not in the order of their names, some of which are the beginning of others; and with what a digest leaves out.
            let check = ["role", "role-b", "a", "role-a"][number].to_owned();
            ours.push(pb::ReadinessCheck {
                check: check.clone(),
                scope: "eu-central-1".into(),
                verdict: wire.into(),
                expected: "ä".into(),
                observed: "b".into(),
                api: "x".into(),
                ..pb::ReadinessCheck::default()
            });
            theirs.push(Check {
                check,
                scope: "eu-central-1".into(),
                verdict: provider,
                severity: Severity::Low,
                expected: "ä".into(),
                observed: "b".into(),
                api: String::new(),
                what_to_do: String::new(),
            });
        }
        assert_eq!(of(&ours), Readiness::from_checks(theirs).digest());
    }
}
