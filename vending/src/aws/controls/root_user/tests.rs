use fleet_model::readiness::Verdict;

use super::*;
use crate::aws::controls::testing::{Example, Fake, World, only};
use crate::aws::controls::{evaluate, release, repair};
use crate::error::Kind;

/// What is wrong, by what there is: password, access keys, signing certificates, second factor.
#[test]
fn what_passes_and_what_does_not() {
    for (there, wrong) in [
        ([false, false, false, false], 0),
        // Asking an account without a password for a second factor is the well-known false alarm.
        ([false, false, false, true], 0),
        ([true, false, false, true], 0),
        ([true, false, false, false], 1),
        ([false, true, false, false], 1),
        ([false, false, true, false], 1),
        ([true, true, false, true], 1),
        ([true, true, true, false], 3),
    ] {
        let [password, access_keys, signing_certificates, mfa] = there;
        let found = Found { password, access_keys, signing_certificates, mfa };
        for mode in [ControlMode::Verify, ControlMode::Own] {
            let check = check(mode, Some(&Ok(found)));
            let verdict = if wrong == 0 { Verdict::Pass } else { Verdict::Fail };
            assert_eq!(check.verdict, verdict, "{there:?}");
            // One line for each, and where else it can be done.
            assert_eq!(faults(&found).len(), if wrong == 0 { 0 } else { wrong + 1 }, "{there:?}");
            assert_eq!(check.severity, Severity::Critical);
        }
        assert_eq!(check(ControlMode::Ignore, Some(&Ok(found))).verdict, Verdict::NotApplicable);
    }
    assert_eq!(check(ControlMode::Verify, None).verdict, Verdict::Unknown);
}

fn watched() -> (Fake, Example) {
    let example = only(META.name, ControlMode::Verify);
    (Fake::new(World::default()), example)
}

/// A new account passes; a key that somebody makes is found; it is nobody's but a person's to delete; then it passes again.
#[tokio::test]
async fn through_its_life() {
    let (fake, mut example) = watched();
    let first = repair(&fake.ports(), &example.scope()).await;
    assert!(first.readiness.ready() && first.work.is_empty(), "{first:?}");
    fake.0.lock().unwrap().root_user.access_keys = true;
    let seen = evaluate(&fake.ports(), &example.scope()).await;
    assert_eq!(seen.readiness.checks["root-user"].observed, "access keys");
    // An apply has nothing to do there, so that no plan is made for it.
    assert!(seen.work.is_empty() && !seen.readiness.ready());
    let tried = repair(&fake.ports(), &example.scope()).await;
    assert!(tried.problems.is_empty() && fake.writes().is_empty());
    assert_eq!(tried.readiness.digest(), seen.readiness.digest());
    fake.0.lock().unwrap().root_user.access_keys = false;
    let mended = evaluate(&fake.ports(), &example.scope()).await;
    assert_eq!(mended.readiness.digest(), first.readiness.digest());

    release(&fake, &fake, &example.scope(), false).await.unwrap();
    example.contract.controls.remove(META.name);
    let calls = fake.0.lock().unwrap().calls.len();
    let unasked = evaluate(&fake.ports(), &example.scope()).await;
    assert!(!unasked.readiness.checks.contains_key(META.name));
    assert_eq!(fake.0.lock().unwrap().calls.len(), calls, "nobody looks");
    assert!(fake.writes().is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_not_known() {
    for kind in [Kind::Denied, Kind::Unanswered] {
        let (fake, example) = watched();
        fake.0.lock().unwrap().failing.insert(API, kind);
        let report = repair(&fake.ports(), &example.scope()).await;
        assert_eq!(report.readiness.checks["root-user"].verdict, Verdict::Unknown, "{kind:?}");
        assert_eq!(report.unread.len(), 1, "{kind:?}");
    }
}
