//! What a vendor says became of an account, and what of it is believed.

use super::*;

#[tokio::test]
async fn what_cannot_be_is_a_problem_that_says_so() {
    let mut other = told(ID);
    other.facts.as_mut().unwrap().r#ref.as_mut().unwrap().fleet_id = facts::fleet_id("other");
    let mut fat = told(ID);
    fat.memory = vec![0; limits::MEMORY + 1];
    let mut twice = told(ID);
    twice.readiness.push(check("mfa", wire::Verdict::Pass));
    let mut wild = told(ID);
    wild.readiness.push(check("MFA\u{1b}[2J", wire::Verdict::Pass));
    let mut idless = told("");
    idless.identity_pending = false;
    let mut both = told(ID);
    both.identity_pending = true;
    let mut untimely = told(ID);
    untimely.closing_since = "yesterday".to_owned();
    let mut crowded = told(ID);
    crowded.work = vec![String::new(); limits::ENTRIES + 1];
    for (events, said) in [
        (vec![outcome(told(ID)), outcome(told(ID))], "it goes on after"),
        (vec![outcome(other)], "for the account with the fleet_id"),
        (vec![checkpoint("sub-2", ""), outcome(told(ID))], "has the id sub-2"),
        (vec![checkpoint("sub-1", ""), checkpoint("sub-2", "")], "had the id sub-1"),
        (vec![checkpoint("", &"t".repeat(limits::RESUME_TOKEN + 1))], "resume token"),
        (vec![checkpoint("a\nb", "")], "printable ASCII"),
        (vec![outcome(fat)], "to be remembered"),
        (vec![outcome(twice)], "there twice"),
        (vec![outcome(wild)], "lower-case"),
        (vec![outcome(idless)], "gives no id"),
        (vec![outcome(both)], "has no id yet"),
        (vec![outcome(untimely)], "no time"),
        (vec![outcome(crowded)], "1001 lines of work"),
    ] {
        let stage = stage([events], []);
        let said_it = match stage.vend().await {
            Err(Refusal::Problem(problem)) => {
                assert_eq!(problem.class, Class::Call(Kind::Unexpected), "{said}");
                problem.message
            }
            // It has an id: the state keeps it.
            Ok(kept) => {
                assert!(!kept.ready(), "{said}");
                kept.status_reason.unwrap()
            }
            other => panic!("{said}: {other:?}"),
        };
        assert!(said_it.contains("broke the protocol") && said_it.contains(said), "{said_it}");
        assert_eq!(stage.calls().len(), 1, "{said}: it is not asked again");
    }
}

#[tokio::test]
async fn ready_is_believed_only_with_checks_that_pass() {
    let with = |checks: Vec<wire::ReadinessCheck>| wire::Outcome { readiness: checks, ..told(ID) };
    for (checks, phase) in [
        (vec![check("mfa", wire::Verdict::Pass)], Phase::Ready),
        (vec![check("mfa", wire::Verdict::Fail)], Phase::Baselined),
        (vec![check("mfa", wire::Verdict::Unspecified)], Phase::Baselined),
        (vec![], Phase::Baselined),
    ] {
        let stage = stage([vec![outcome(with(checks))]], []);
        let outcome = stage.vend().await.unwrap();
        assert_eq!(outcome.phase, phase);
        assert_eq!(outcome.status_reason.is_none(), phase == Phase::Ready);
    }
}

#[tokio::test]
async fn an_account_without_an_id_is_kept_as_a_request() {
    let pending = wire::Outcome {
        identity_pending: true,
        phase: wire::Phase::NeedsHuman.into(),
        status_reason: "waits for A. Person".to_owned(),
        ..told("")
    };
    let stage = stage([vec![accepted(), outcome(pending)]], []);
    let outcome = stage.vend().await.unwrap();
    assert!(outcome.vendor.identity_pending);
    assert_eq!((outcome.facts.id.as_str(), outcome.phase), ("", Phase::Requested));
    assert_eq!(outcome.status_reason.as_deref(), Some("waits for A. Person"));
}

#[tokio::test]
async fn what_a_vendor_names_decides_what_was_attempted() {
    let failed = |object: &str, class: wire::ProblemClass| wire::Problem {
        object: object.to_owned(),
        ..problem(class)
    };
    let denied = wire::ProblemClass::Denied;
    for (object, class, attempt, is_not_ours) in [
        ("tags", denied, Attempt::Tags, false),
        ("parent", denied, Attempt::Parent, false),
        ("control/regions", denied, Attempt::Control("regions"), false),
        ("control/mfa", denied, Attempt::Vendor, false),
        ("", denied, Attempt::Vendor, false),
        ("", wire::ProblemClass::ConflictOwner, Attempt::Everything, true),
        ("", wire::ProblemClass::ConflictKey, Attempt::Everything, true),
    ] {
        let told = wire::Outcome { failures: vec![failed(object, class)], ..told(ID) };
        let stage = stage([vec![outcome(told)]], []);
        let outcome = stage.update().await.unwrap();
        assert_eq!(outcome.failures[0].attempt, attempt, "{object:?}");
        assert_eq!(outcome.is_not_ours(), is_not_ours, "{object:?}");
    }
}
