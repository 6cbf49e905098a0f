//! The end of an account against the simulated cloud: its states at AWS, retiring, releasing and
//! closing it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::readiness::Verdict;
use fleet_model::tags;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::Vending;
use crate::aws::api::AccountState;
use crate::aws::testing::scenarios::{LIMIT, job, look, vended, vending};
use crate::aws::testing::simulation::{Cloud, Fault, ROOT};
use crate::config::Config;
use crate::error::Kind;
use crate::outcome::{Attempt, LetGo};
use crate::phase::Phase;
use crate::proof::Proof;
use crate::refusal::{NotClosed, Refusal};
use crate::request::AccountJob;

const WRITES: [&str; 6] =
    ["TagResource", "UntagResource", "MoveAccount", "CloseAccount", "EnableRegion", "change"];

#[tokio::test]
async fn every_state_of_aws_has_its_phase_and_none_is_absence() {
    for (state, phase, lifecycle_phase) in [
        (AccountState::PendingActivation, Phase::Activating, LifecyclePhase::Active),
        (AccountState::Suspended, Phase::Suspended, LifecyclePhase::Active),
        (AccountState::PendingClosure, Phase::Closing, LifecyclePhase::Closed),
        (AccountState::Closed, Phase::Closed, LifecyclePhase::Closed),
        (AccountState::Other, Phase::Ready, LifecyclePhase::Active),
    ] {
        let (cloud, job, applied) = vended().await;
        cloud.world().accounts[0].state = state;
        let seen = look(&cloud, &job, &applied.facts.id).await.unwrap();
        assert_eq!((seen.phase, seen.ready()), (phase, phase == Phase::Ready));
        assert_eq!(seen.lifecycle_phase, lifecycle_phase);
        assert_eq!(seen.status_reason.is_none(), phase == Phase::Ready);
        assert_eq!(seen.work.is_empty(), state != AccountState::PendingActivation);
    }
    let (cloud, job, _) = vended().await;
    assert!(look(&cloud, &job, "000000000000").await.is_none());
}

#[tokio::test]
async fn an_apply_changes_nothing_in_an_account_that_is_suspended_or_closed() {
    for state in [AccountState::Suspended, AccountState::PendingClosure, AccountState::Closed] {
        let (cloud, mut job, applied) = vended().await;
        job.request.tags.insert("more".into(), "tags".into());
        {
            let mut world = cloud.world();
            world.accounts[0].state = state;
            world.parents.insert(applied.facts.id.clone(), ROOT.into());
            world.calls.clear();
        }
        let cancel = CancellationToken::new();
        let engine = vending(&cloud, "us");
        let outcome = engine.update(&job, &applied.facts.id, LIMIT, &cancel).await.unwrap();
        assert!(outcome.failures.is_empty() && outcome.work.is_empty());
        for call in WRITES {
            assert_eq!(cloud.count(call), 0, "{call} of an account that is {state:?}");
        }
    }
}

#[tokio::test]
async fn an_account_that_is_closing_is_not_active_again_because_a_read_says_so() {
    let (cloud, mut job, applied) = vended().await;
    let id = applied.facts.id;
    cloud.world().accounts[0].state = AccountState::PendingClosure;
    let first = look(&cloud, &job, &id).await.unwrap();
    assert!(first.closing_since.is_some());
    for hours in [1, 2] {
        job.past.closing_since = first.closing_since;
        cloud.world().accounts[0].state = AccountState::Active;
        cloud.world().now += 3_600_000;
        let seen = look(&cloud, &job, &id).await.unwrap();
        assert_eq!((seen.phase, seen.facts.state), (first.phase, first.facts.state), "{hours}");
        assert_eq!(seen.closing_since, first.closing_since);
    }
    // AWS did not close it after all.
    cloud.world().now += 3 * 3_600_000;
    let seen = look(&cloud, &job, &id).await.unwrap();
    assert_eq!((seen.phase, seen.closing_since), (Phase::Ready, None));
}

async fn retired() -> (Cloud, AccountJob, String) {
    let (cloud, mut job, applied) = vended().await;
    job.request.lifecycle_state = AccountLifecycleState::Retired;
    let cancel = CancellationToken::new();
    let engine = vending(&cloud, "us");
    let outcome = engine.update(&job, &applied.facts.id, LIMIT, &cancel).await.unwrap();
    assert_eq!((outcome.phase, outcome.ready()), (Phase::Placed, false));
    assert_eq!(outcome.lifecycle_phase, LifecyclePhase::Retired);
    job.past.lifecycle_phase = outcome.lifecycle_phase;
    (cloud, job, applied.facts.id)
}

#[tokio::test]
async fn nothing_more_is_asked_of_a_retired_account() {
    let (cloud, job, id) = retired().await;
    let seen = look(&cloud, &job, &id).await.unwrap();
    assert!(seen.readiness.checks.values().all(|of| of.verdict == Verdict::NotApplicable));
    assert_eq!(seen.work, Vec::<String>::new());
}

#[tokio::test]
async fn a_released_account_stays_open_and_says_who_had_it() {
    let (cloud, job, id) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let released = engine.release(&job, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(released, LetGo::Done { warnings, .. } if warnings.len() == 1));
    let has = cloud.world().tags[&id].clone();
    assert_eq!(has[tags::RELEASED_FROM], "us");
    assert!(!has.contains_key(tags::MANAGED_BY));
    // Again: nothing left to do, and what was released is not ours to close.
    let again = engine.release(&job, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(again, LetGo::Done { warnings, .. } if warnings.is_empty()));
    let refused = engine.close(&job, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::NotClosed { reason: NotClosed::Unmarked, .. })));
    assert_eq!(cloud.world().accounts[0].state, AccountState::Active, "released is not closed");
}

#[tokio::test]
async fn an_account_whose_tag_somebody_removed_is_released_and_never_closed() {
    let (cloud, job, id) = retired().await;
    cloud.world().tags.get_mut(&id).unwrap().remove(tags::MANAGED_BY);
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let refused = engine.close(&job, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::NotClosed { reason: NotClosed::Unmarked, .. })));
    assert_eq!(cloud.count("CloseAccount"), 0);
    let released = engine.release(&job, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(released, LetGo::Done { warnings, .. } if warnings.len() == 1));
    assert_eq!(cloud.world().tags[&id][tags::RELEASED_FROM], "us");
}

#[tokio::test]
async fn an_account_that_the_organization_does_not_have_is_not_called_closed() {
    let (cloud, job, _) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let gone = "000000000000";
    assert_eq!(engine.close(&job, gone, LIMIT, &cancel).await.unwrap(), LetGo::Gone);
    assert_eq!(engine.release(&job, gone, LIMIT, &cancel).await.unwrap(), LetGo::Gone);
}

#[tokio::test]
async fn a_close_is_done_when_aws_has_taken_it() {
    let (cloud, job, id) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let before = cloud.world().now;
    let closed = engine.close(&job, &id, LIMIT, &cancel).await.unwrap();
    let LetGo::Done { at, .. } = closed else { panic!("{closed:?}") };
    assert_eq!(at.as_millisecond(), before, "it waits for nothing");
    assert_eq!(cloud.world().accounts[0].state, AccountState::PendingClosure);
    // Again, when the answer was lost or core could not write its state.
    assert_eq!(engine.close(&job, &id, LIMIT, &cancel).await.unwrap(), LetGo::Closed);
    assert_eq!(cloud.count("CloseAccount"), 1);
}

#[tokio::test]
async fn a_close_whose_reads_waver_is_done_when_they_have_settled() {
    let (cloud, job, id) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    engine.close(&job, &id, LIMIT, &cancel).await.unwrap();
    cloud.world().closes.wavering = 4;
    let closed = engine.close(&job, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(closed, LetGo::Done { .. }));
    assert!(cloud.count("CloseAccount") > 1, "the first read said that it was active");
}

#[tokio::test]
async fn a_lost_answer_to_a_close_is_asked_for_and_found_done() {
    let (cloud, job, id) = retired().await;
    cloud.fault("CloseAccount", Fault::After);
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let closed = engine.close(&job, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(closed, LetGo::Done { .. }));
    assert_eq!(cloud.count("CloseAccount"), 1);
}

#[tokio::test]
async fn closes_keep_to_three_at_a_time_and_wait_for_their_turn() {
    let cloud = Cloud::new();
    let engine = vending(&cloud, "us");
    let jobs: Vec<AccountJob> = (0..7).map(|n| job(&format!("account-{n}"))).collect();
    let cancel = CancellationToken::new();
    let mut ids = Vec::new();
    for job in &jobs {
        ids.push(engine.vend(job, LIMIT, &cancel).await.unwrap().facts.id);
    }
    let closes = jobs.iter().zip(&ids).map(|(job, id)| engine.close(job, id, LIMIT, &cancel));
    for closed in join_all(closes).await {
        assert!(matches!(closed.unwrap(), LetGo::Done { .. }));
    }
    assert!(cloud.count("CloseAccount") > 7, "some had to wait");

    // Where the turn does not come in time, that is an error, and the account stays as it is.
    cloud.world().now += 600_000;
    let last = job("the-last");
    let id = engine.vend(&last, LIMIT, &cancel).await.unwrap().facts.id;
    for n in 0..3 {
        let id = format!("55555555555{n}");
        cloud.put_account(&id, &format!("x{n}@example.com"), &[]);
        cloud.ports().organizations.close_account(&id.as_str().into()).await.unwrap();
    }
    let short = Duration::from_secs(60);
    let refused = engine.close(&last, &id, short, &cancel).await.unwrap_err();
    assert!(
        matches!(&refused, Refusal::OutOfTime { waiting_for, .. } if waiting_for.contains("three")),
        "{refused:?}"
    );
}

/// A proof that holds for so many times, and how often it was asked.
fn holding(times: u32) -> (Proof, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    (Proof::by(move || counted.fetch_add(1, Ordering::Relaxed) < times), asked)
}

#[tokio::test]
async fn a_close_is_proven_again_before_each_request_that_waited() {
    // Three others are being closed, for ten minutes.
    let full = async || {
        let (cloud, job, id) = retired().await;
        for n in 0..3 {
            let id = format!("55555555555{n}");
            cloud.put_account(&id, &format!("x{n}@example.com"), &[]);
            cloud.ports().organizations.close_account(&id.as_str().into()).await.unwrap();
        }
        cloud.world().calls.clear();
        (cloud, job, id)
    };
    let cancel = CancellationToken::new();
    for times in 0..3 {
        let (cloud, mut job, id) = full().await;
        let (proof, asked) = holding(times);
        job.intent.proof = proof;
        let closed = vending(&cloud, "us").close(&job, &id, LIMIT, &cancel).await;
        assert!(matches!(closed, Err(Refusal::NotProven { .. })), "{times}: {closed:?}");
        assert_eq!(cloud.count("CloseAccount"), times as usize);
        assert_eq!(asked.load(Ordering::Relaxed), times + 1);
        let state = cloud.world().accounts.iter().find(|of| of.id == id).unwrap().state;
        assert_eq!(state, AccountState::Active);
    }
    let (cloud, mut job, id) = full().await;
    let (proof, asked) = holding(u32::MAX);
    job.intent.proof = proof;
    vending(&cloud, "us").close(&job, &id, LIMIT, &cancel).await.unwrap();
    let requests = cloud.count("CloseAccount");
    assert!(requests > 3, "it waited");
    assert_eq!(asked.load(Ordering::Relaxed) as usize, requests);
}

#[tokio::test]
async fn a_close_that_aws_does_not_take_is_sent_again_by_the_one_who_proves_it() {
    let cancel = CancellationToken::new();
    for (fault, requests) in [
        (Fault::Before(Kind::Throttled, "TooManyRequestsException"), 2),
        (Fault::Before(Kind::Busy, "ConcurrentModificationException"), 2),
        (Fault::Before(Kind::Unanswered, "ServiceException"), 2),
        (Fault::After, 1),
    ] {
        let (cloud, mut job, id) = retired().await;
        let (proof, asked) = holding(u32::MAX);
        job.intent.proof = proof;
        cloud.fault("CloseAccount", fault);
        let closed = vending(&cloud, "us").close(&job, &id, LIMIT, &cancel).await;
        assert!(matches!(closed, Ok(LetGo::Done { .. })), "{closed:?}");
        assert_eq!(cloud.count("CloseAccount"), requests);
        assert_eq!(asked.load(Ordering::Relaxed) as usize, requests);
    }
    // As often as the provider block says.
    let (cloud, job, id) = retired().await;
    let config = Config { managed_by: "us".to_owned(), max_retries: Some(0), ..Config::default() };
    cloud.fault("CloseAccount", Fault::Before(Kind::Throttled, "TooManyRequestsException"));
    let engine = Vending::with_ports(config, cloud.ports());
    let refused = engine.close(&job, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::Call(error)) if error.kind == Kind::Throttled));
    assert_eq!(cloud.count("CloseAccount"), 1);
}

#[tokio::test]
async fn what_is_not_proven_is_neither_retired_nor_released() {
    let cancel = CancellationToken::new();
    let (cloud, mut job, applied) = vended().await;
    (job.request.lifecycle_state, job.intent.proof) =
        (AccountLifecycleState::Retired, holding(0).0);
    let engine = vending(&cloud, "us");
    let outcome = engine.update(&job, &applied.facts.id, LIMIT, &cancel).await.unwrap();
    assert_eq!(outcome.lifecycle_phase, LifecyclePhase::Active);
    let [failure] = outcome.failures.as_slice() else { panic!("{:?}", outcome.failures) };
    assert_eq!(failure.attempt, Attempt::Shut);
    assert!(matches!(failure.refusal, Refusal::NotProven { .. }));
    assert_eq!(cloud.count("UpdateAssumeRolePolicy"), 0);

    // Before the ways in are shut, and before the tags say that it is let go.
    for times in 0..2 {
        let (cloud, mut job, id) = retired().await;
        job.intent.proof = holding(times).0;
        let released = vending(&cloud, "us").release(&job, &id, LIMIT, &cancel).await;
        assert!(matches!(released, Err(Refusal::NotProven { .. })), "{released:?}");
        assert_eq!(cloud.world().tags[&id][tags::MANAGED_BY], "us");
    }
}

#[tokio::test]
async fn what_aws_does_not_close_is_said_at_once_and_stays_as_it_is() {
    for (what, expected) in [
        ("quota", "Quota"),
        ("administrator", "DelegatedAdministrator"),
        ("management", "Management"),
    ] {
        let (cloud, job, id) = retired().await;
        let mut asked = id.clone();
        match what {
            "quota" => cloud.world().closes.left = 0,
            "administrator" => cloud.world().closes.administrators.push("100000000001"),
            _ => "999999999999".clone_into(&mut asked),
        }
        let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
        let before = cloud.world().now;
        let Err(Refusal::NotClosed { reason, .. }) =
            engine.close(&job, &asked, LIMIT, &cancel).await
        else {
            panic!("{what}: it was closed");
        };
        assert!(format!("{reason:?}").starts_with(expected), "{what}: {reason:?}");
        if let NotClosed::Quota { accounts, .. } = reason {
            assert_eq!(accounts, 1);
        }
        let world = cloud.world();
        assert_eq!(world.now, before, "{what}: nothing is waited for");
        assert_eq!(world.accounts[0].state, AccountState::Active, "{what}");
        assert_eq!(world.tags[&id][tags::MANAGED_BY], "us", "{what}: it is still ours");
    }
}
