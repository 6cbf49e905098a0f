//! The digest of readiness, as the guide "Write a vendor" defines it.

use fleet_vending_proto::v1beta1 as pb;
use sha2::{Digest as _, Sha256};

/// Lower-case hex SHA-256 over check, scope, verdict, expected and observed of each check, each text after its length.
pub(crate) fn of(checks: &[pb::ReadinessCheck]) -> String {
    let mut checks: Vec<&pb::ReadinessCheck> = checks.iter().collect();
    checks.sort_by(|a, b| (&a.check, &a.scope).cmp(&(&b.check, &b.scope)));
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
