//! Readiness of an account (guide §25.4): verdicts, findings and a digest, nothing that moves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::lifecycle::words;

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Observed as expected.
    Pass,
    /// Observed, and not as expected.
    Fail,
    /// Could not be observed.
    Unknown,
    /// Nothing to check here: not asked for, or ignored.
    NotApplicable,
}

words!(Verdict {
    Pass => "pass",
    Fail => "fail",
    Unknown => "unknown",
    NotApplicable => "not_applicable",
});

impl Verdict {
    /// Whether this verdict keeps the account from being ready.
    #[must_use]
    pub fn blocks(self) -> bool {
        matches!(self, Self::Fail | Self::Unknown)
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

words!(Severity { Low => "low", Medium => "medium", High => "high", Critical => "critical" });

/// One check with what was expected and what was observed. Both texts are canonical: no time, no
/// request id, no hash-map order, so that an unchanged world gives unchanged bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Check {
    /// The control, for example `password-policy`.
    pub check: String,
    /// Where: a region, or empty for the whole account.
    pub scope: String,
    /// What it says.
    pub verdict: Verdict,
    /// How much it matters when it does not pass.
    pub severity: Severity,
    /// What the profile asks for.
    pub expected: String,
    /// What was found.
    pub observed: String,
    /// The API call behind it, `service:Operation`.
    pub api: String,
    /// What a person can do about it when it does not pass.
    pub what_to_do: String,
}

impl Check {
    /// The key in `readiness.checks`: `check`, or `check/region`.
    #[must_use]
    pub fn key(&self) -> String {
        if self.scope.is_empty() {
            self.check.clone()
        } else {
            format!("{}/{}", self.check, self.scope)
        }
    }
}

/// All checks of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Readiness {
    /// Every check, by [`Check::key`].
    pub checks: BTreeMap<String, Check>,
}

impl Readiness {
    /// Collects checks; a later one of the same key replaces the earlier.
    pub fn from_checks(checks: impl IntoIterator<Item = Check>) -> Self {
        Self { checks: checks.into_iter().map(|check| (check.key(), check)).collect() }
    }

    /// Whether no check is `fail` or `unknown`. An account without any check is not ready: nothing
    /// is known about it.
    #[must_use]
    pub fn ready(&self) -> bool {
        !self.checks.is_empty() && !self.checks.values().any(|check| check.verdict.blocks())
    }

    /// All checks in one word: `fail` before `unknown` before `pass`; `not_applicable` when there is
    /// nothing to check.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let has = |verdict| self.checks.values().any(|check| check.verdict == verdict);
        [Verdict::Fail, Verdict::Unknown, Verdict::Pass]
            .into_iter()
            .find(|verdict| has(*verdict))
            .unwrap_or(Verdict::NotApplicable)
    }

    /// The checks that do not pass (`fail` and `unknown`), in the order of their keys.
    pub fn findings(&self) -> impl Iterator<Item = &Check> {
        self.checks.values().filter(|check| check.verdict.blocks())
    }

    /// Lower-case hex SHA-256 over (check, scope, verdict, expected, observed) of every check in
    /// the order of their keys. Each text is preceded by its length, so no two sets of checks
    /// share a digest by moving a boundary.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for check in self.checks.values() {
            for text in [
                check.check.as_str(),
                &check.scope,
                check.verdict.as_str(),
                &check.expected,
                &check.observed,
            ] {
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scope: &str, verdict: Verdict) -> Check {
        Check {
            check: "regions".into(),
            scope: scope.into(),
            verdict,
            severity: Severity::High,
            expected: "ENABLED".into(),
            observed: "ENABLING".into(),
            api: "account:GetRegionOptStatus".into(),
            what_to_do: "wait".into(),
        }
    }

    #[test]
    fn nothing_checked_is_not_ready() {
        assert!(!Readiness::default().ready());
    }

    #[test]
    fn unknown_blocks_and_not_applicable_does_not() {
        for (verdict, ready) in [
            (Verdict::Pass, true),
            (Verdict::NotApplicable, true),
            (Verdict::Unknown, false),
            (Verdict::Fail, false),
        ] {
            assert_eq!(Readiness::from_checks([check("r", verdict)]).ready(), ready, "{verdict}");
        }
    }

    #[test]
    fn the_worst_check_is_the_verdict() {
        use Verdict::{Fail, NotApplicable, Pass, Unknown};
        for (of, verdict) in [
            (&[][..], NotApplicable),
            (&[NotApplicable, NotApplicable], NotApplicable),
            (&[NotApplicable, Pass], Pass),
            (&[Pass, Unknown], Unknown),
            (&[Unknown, Fail, Pass], Fail),
        ] {
            let checks = of.iter().enumerate().map(|(n, of)| check(&n.to_string(), *of));
            assert_eq!(Readiness::from_checks(checks).verdict(), verdict);
        }
    }

    #[test]
    fn digest_sees_verdict_and_boundaries_but_not_advice() {
        let base = Readiness::from_checks([check("a", Verdict::Pass)]);
        let mut advised = check("a", Verdict::Pass);
        advised.what_to_do = "something else".into();
        assert_eq!(base.digest(), Readiness::from_checks([advised]).digest());

        let failed = Readiness::from_checks([check("a", Verdict::Fail)]);
        assert_ne!(base.digest(), failed.digest());

        let mut left = check("a", Verdict::Pass);
        (left.expected, left.observed) = ("ab".into(), "c".into());
        let mut right = check("a", Verdict::Pass);
        (right.expected, right.observed) = ("a".into(), "bc".into());
        assert_ne!(
            Readiness::from_checks([left]).digest(),
            Readiness::from_checks([right]).digest()
        );
    }
}
