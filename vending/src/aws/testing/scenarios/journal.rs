//! The journal of an account, which outlives a run that dies: written before the act, believed as far as it can be
//! verified, and kept until it is disproved.

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};

use super::freeze::{Frozen, POLICY, QUARANTINE};
use super::undo::why;
use crate::aws::testing::simulation::{Fault, PROD, ROOT};
use crate::error::Kind;
use crate::memory::{Before, Memory};
use crate::outcome::Attempt;
use crate::refusal::NotUndone;
use crate::unit_path::Parent;

use AccountLifecycleState::{Active, Frozen as Freeze};

#[tokio::test]
async fn what_others_write_into_the_journal_moves_and_detaches_nothing() {
    for text in [
        "parent=ou-ab12-work0000",
        "policy=p-guardrail",
        "policy=p-quarantine parent=r-ab12",
        "password=none",
        "x",
    ] {
        for parent in [None, Some(Parent::Id(PROD.to_owned()))] {
            let mut account = Frozen::new().await;
            account.job.request.parent = parent;
            account.attach_by_hand("p-guardrail");
            account.write_tag(text);
            let done = account.run(Active).await;
            assert_eq!(
                (done.failures, done.lifecycle_phase),
                (vec![], LifecyclePhase::Active),
                "{text}"
            );
            assert_eq!(
                (account.place().as_str(), account.binding()),
                (PROD, vec!["p-guardrail".to_owned()]),
                "{text}"
            );
            for call in ["MoveAccount", "DetachPolicy"] {
                let moved = usize::from(call == "MoveAccount");
                assert_eq!(account.cloud.count(call), moved, "{text}: {call}: its create moved it");
            }
        }
    }
}

#[tokio::test]
async fn a_journal_that_came_after_the_plan_is_not_acted_upon() {
    let mut account = Frozen::without_parent().await;
    // Killed after the move; the plan that follows looks at nothing.
    for call in 1.. {
        account = Frozen::without_parent().await;
        assert!(account.dies(Freeze, call, true).await);
        if account.place() == QUARANTINE {
            break;
        }
    }
    let done = account.apply(Active).await;
    assert_eq!(why(&done), Some(&NotUndone::NotPlanned(PROD.to_owned())));
    assert_eq!(account.place(), QUARANTINE);
    // And it is still there for the plan that looks.
    let seen = account.refresh().await;
    assert_eq!(seen.memory.parent_before.as_deref(), Some(PROD));
    assert!(!seen.work.is_empty());
    account.apply(Active).await;
    assert_eq!((account.place().as_str(), account.binding()), (PROD, vec![]));
}

#[tokio::test]
async fn what_was_there_first_is_in_the_journal_before_it_is_changed() {
    let account = Frozen::new().await;
    assert_eq!(account.tag().as_deref(), Some("password=none"));
    let calls = account.cloud.world().calls.clone();
    let at = |call: &str| calls.iter().position(|of| of == call).unwrap();
    assert!(at("TagResource") < at("change"), "{calls:?}");

    // Both state and file are lost: the account says it itself.
    let mut found = account;
    found.policy_id = None;
    found.job.past.memory = Memory::default();
    assert_eq!(found.refresh().await.memory.password_policy, Some(Before::Nothing));
}

#[tokio::test]
async fn without_its_journal_a_step_is_not_made() {
    for (nth, left) in [(0, (PROD, 0)), (1, (QUARANTINE, 0))] {
        let mut account = Frozen::without_parent().await;
        account.refresh().await;
        let world = account.cloud.clone();
        if nth == 1 {
            // The move's journal is written; the policy's is not.
            for call in 1.. {
                account = Frozen::without_parent().await;
                account.dies(Freeze, call, true).await;
                if account.place() == QUARANTINE {
                    break;
                }
            }
            account.refresh().await;
        }
        let cloud = if nth == 1 { account.cloud.clone() } else { world };
        cloud.fault("TagResource", Fault::Before(Kind::Denied, "AccessDeniedException"));
        let failed = account.apply(Freeze).await;
        assert_eq!(failed.lifecycle_phase, LifecyclePhase::Active, "{nth}");
        assert_eq!((account.place().as_str(), account.binding().len()), left, "{nth}");
        let done = account.run(Freeze).await;
        assert_eq!(
            (done.failures, done.lifecycle_phase),
            (vec![], LifecyclePhase::Frozen),
            "{nth}"
        );
    }
}

/// An account whose freeze died after its last effect: the state knows nothing of it, and the journal all.
async fn died_in_freeze(parent: Option<Parent>) -> Frozen {
    for call in 1.. {
        let mut account = Frozen::new().await;
        account.job.request.parent.clone_from(&parent);
        // The boundary names the roles by which this engine enters.
        account.apply(Active).await;
        assert!(account.dies(Freeze, call, true).await);
        if account.binding() != [""; 0] {
            return account;
        }
    }
    unreachable!()
}

const QUARANTINE_UNREAD: &str = "DescribeOrganizationalUnit";

#[tokio::test]
async fn a_word_of_the_journal_goes_only_when_it_is_disproved() {
    for call in ["ListTargetsForPolicy", QUARANTINE_UNREAD] {
        for kind in [Kind::Denied, Kind::Throttled, Kind::DeadlineExceeded] {
            for parent in [None, Some(Parent::Id(ROOT.to_owned()))] {
                // A word that only a read of this kind can prove.
                let mut account = died_in_freeze(None).await;
                account.job.request.parent = parent;
                let journal = account.tag().unwrap();
                assert!(journal.contains("parent=") && journal.contains("policy="), "{journal}");
                for _ in 0..20 {
                    account.cloud.fault(call, Fault::Before(kind, "Code"));
                }
                let done = account.apply(Active).await;
                account.cloud.world().faults.clear();
                let at = format!("{call} {kind:?}");
                let told = done.failures.iter().any(|of| of.attempt == Attempt::Journal);
                assert!(told || call == QUARANTINE_UNREAD, "{at}: {:?}", done.failures);
                let word = if call == QUARANTINE_UNREAD { "parent=" } else { "policy=" };
                let moved = account.place() != QUARANTINE;
                let kept = account.tag().is_some_and(|text| text.contains(word));
                assert!(kept || (moved && word == "parent="), "{at}: {:?}", account.tag());
                // The next plan that can read it names it, and undoes it.
                let seen = account.refresh().await;
                assert!(seen.memory.quarantine_policies.contains(POLICY), "{at}");
                account.apply(Active).await;
                assert_eq!(account.binding(), [""; 0], "{at}");
                assert_eq!(account.tag().as_deref(), Some("password=none"), "{at}");
            }
        }
    }
}

#[tokio::test]
async fn without_the_block_that_made_it_the_journal_stays() {
    let mut account = died_in_freeze(None).await;
    let journal = account.tag().unwrap();
    account.without_quarantine = true;
    let seen = account.refresh().await;
    assert_eq!((seen.work, account.tag()), (vec![], Some(journal.clone())));
    account.apply(Active).await;
    assert_eq!(account.tag(), Some(journal));
    // It comes back with the block.
    account.without_quarantine = false;
    account.run(Active).await;
    assert_eq!((account.place().as_str(), account.binding()), (PROD, vec![]));
    assert_eq!(account.tag().as_deref(), Some("password=none"));
}

#[tokio::test]
async fn more_in_the_journal_than_the_plan_had_stops_the_apply() {
    for parent in [None, Some(Parent::Id(PROD.to_owned()))] {
        let mut account = died_in_freeze(parent).await;
        let done = account.apply(Active).await;
        let unplanned = NotUndone::PolicyNotPlanned(POLICY.to_owned());
        assert_eq!(why(&done), Some(&unplanned));
        assert_eq!(done.warnings, []);
        assert_eq!((account.place().as_str(), account.binding().len()), (QUARANTINE, 1));
        assert!(!done.ready());
        let done = account.run(Active).await;
        assert_eq!(done.failures, []);
        assert_eq!((account.place().as_str(), account.binding()), (PROD, vec![]));
    }
}
