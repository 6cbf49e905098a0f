//! The end of an account against the simulated cloud: its states at AWS, retiring, releasing and
//! closing it.

use std::time::Duration;

use fleet_model::lifecycle::{AccountLifecycleState, LifecyclePhase};
use fleet_model::readiness::Verdict;
use fleet_model::tags;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::engine::scenarios::{LIMIT, look, vended, vending, wish};
use crate::engine::simulation::{Cloud, Fault, ROOT};
use crate::error::Kind;
use crate::outcome::LetGo;
use crate::phase::Phase;
use crate::ports::AccountState;
use crate::refusal::{NotClosed, Refusal};
use crate::request::Wish;

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
        let (cloud, wish, applied) = vended().await;
        cloud.world().accounts[0].state = state;
        let seen = look(&cloud, &wish, &applied.facts.id).await.unwrap();
        assert_eq!((seen.phase, seen.ready()), (phase, phase == Phase::Ready));
        assert_eq!(seen.lifecycle_phase, lifecycle_phase);
        assert_eq!(seen.status_reason.is_none(), phase == Phase::Ready);
        assert_eq!(seen.work.is_empty(), state != AccountState::PendingActivation);
    }
    let (cloud, wish, _) = vended().await;
    assert!(look(&cloud, &wish, "000000000000").await.is_none());
}

#[tokio::test]
async fn an_apply_changes_nothing_in_an_account_that_is_suspended_or_closed() {
    for state in [AccountState::Suspended, AccountState::PendingClosure, AccountState::Closed] {
        let (cloud, mut wish, applied) = vended().await;
        wish.tags.insert("more".into(), "tags".into());
        {
            let mut world = cloud.world();
            world.accounts[0].state = state;
            world.parents.insert(applied.facts.id.clone(), ROOT.into());
            world.calls.clear();
        }
        let cancel = CancellationToken::new();
        let engine = vending(&cloud, "us");
        let outcome = engine.update(&wish, &applied.facts.id, LIMIT, &cancel).await.unwrap();
        assert!(outcome.failures.is_empty() && outcome.work.is_empty());
        for call in WRITES {
            assert_eq!(cloud.count(call), 0, "{call} of an account that is {state:?}");
        }
    }
}

#[tokio::test]
async fn an_account_that_is_closing_is_not_active_again_because_a_read_says_so() {
    let (cloud, mut wish, applied) = vended().await;
    let id = applied.facts.id;
    cloud.world().accounts[0].state = AccountState::PendingClosure;
    let first = look(&cloud, &wish, &id).await.unwrap();
    assert!(first.closing_since.is_some());
    for hours in [1, 2] {
        wish.closing_since = first.closing_since;
        cloud.world().accounts[0].state = AccountState::Active;
        cloud.world().now += 3_600_000;
        let seen = look(&cloud, &wish, &id).await.unwrap();
        assert_eq!((seen.phase, seen.facts.state), (first.phase, first.facts.state), "{hours}");
        assert_eq!(seen.closing_since, first.closing_since);
    }
    // AWS did not close it after all.
    cloud.world().now += 3 * 3_600_000;
    let seen = look(&cloud, &wish, &id).await.unwrap();
    assert_eq!((seen.phase, seen.closing_since), (Phase::Ready, None));
}

async fn retired() -> (Cloud, Wish, String) {
    let (cloud, mut wish, applied) = vended().await;
    wish.lifecycle_state = AccountLifecycleState::Retired;
    let cancel = CancellationToken::new();
    let engine = vending(&cloud, "us");
    let outcome = engine.update(&wish, &applied.facts.id, LIMIT, &cancel).await.unwrap();
    assert_eq!((outcome.phase, outcome.ready()), (Phase::Placed, false));
    assert_eq!(outcome.lifecycle_phase, LifecyclePhase::Retired);
    wish.lifecycle_phase = outcome.lifecycle_phase;
    (cloud, wish, applied.facts.id)
}

#[tokio::test]
async fn nothing_more_is_asked_of_a_retired_account() {
    let (cloud, wish, id) = retired().await;
    let seen = look(&cloud, &wish, &id).await.unwrap();
    assert!(seen.readiness.checks.values().all(|of| of.verdict == Verdict::NotApplicable));
    assert_eq!(seen.work, Vec::<String>::new());
}

#[tokio::test]
async fn a_released_account_stays_open_and_says_who_had_it() {
    let (cloud, wish, id) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let released = engine.release(&wish, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(released, LetGo::Done { warnings, .. } if warnings.len() == 1));
    let has = cloud.world().tags[&id].clone();
    assert_eq!(has[tags::RELEASED_FROM], "us");
    assert!(!has.contains_key(tags::MANAGED_BY));
    // Again: nothing left to do, and what was released is not ours to close.
    let again = engine.release(&wish, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(again, LetGo::Done { warnings, .. } if warnings.is_empty()));
    let refused = engine.close(&wish, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::NotClosed { reason: NotClosed::Unmarked, .. })));
    assert_eq!(cloud.world().accounts[0].state, AccountState::Active, "released is not closed");
}

#[tokio::test]
async fn an_account_whose_tag_somebody_removed_is_released_and_never_closed() {
    let (cloud, wish, id) = retired().await;
    cloud.world().tags.get_mut(&id).unwrap().remove(tags::MANAGED_BY);
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let refused = engine.close(&wish, &id, LIMIT, &cancel).await;
    assert!(matches!(refused, Err(Refusal::NotClosed { reason: NotClosed::Unmarked, .. })));
    assert_eq!(cloud.count("CloseAccount"), 0);
    let released = engine.release(&wish, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(released, LetGo::Done { warnings, .. } if warnings.len() == 1));
    assert_eq!(cloud.world().tags[&id][tags::RELEASED_FROM], "us");
}

#[tokio::test]
async fn an_account_that_the_organization_does_not_have_is_not_called_closed() {
    let (cloud, wish, _) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let gone = "000000000000";
    assert_eq!(engine.close(&wish, gone, LIMIT, &cancel).await.unwrap(), LetGo::Gone);
    assert_eq!(engine.release(&wish, gone, LIMIT, &cancel).await.unwrap(), LetGo::Gone);
}

#[tokio::test]
async fn a_close_is_done_when_aws_has_taken_it() {
    let (cloud, wish, id) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let before = cloud.world().now;
    let closed = engine.close(&wish, &id, LIMIT, &cancel).await.unwrap();
    let LetGo::Done { at, .. } = closed else { panic!("{closed:?}") };
    assert_eq!(at.as_millisecond(), before, "it waits for nothing");
    assert_eq!(cloud.world().accounts[0].state, AccountState::PendingClosure);
    // Again, when the answer was lost or core could not write its state.
    assert_eq!(engine.close(&wish, &id, LIMIT, &cancel).await.unwrap(), LetGo::Closed);
    assert_eq!(cloud.count("CloseAccount"), 1);
}

#[tokio::test]
async fn a_close_whose_reads_waver_is_done_when_they_have_settled() {
    let (cloud, wish, id) = retired().await;
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    engine.close(&wish, &id, LIMIT, &cancel).await.unwrap();
    cloud.world().closes.wavering = 4;
    let closed = engine.close(&wish, &id, LIMIT, &cancel).await.unwrap();
    assert!(matches!(closed, LetGo::Done { .. }));
    assert!(cloud.count("CloseAccount") > 1, "the first read said that it was active");
}

#[tokio::test]
async fn a_lost_answer_to_a_close_is_asked_for_and_found_done() {
    let (cloud, wish, id) = retired().await;
    cloud.fault("CloseAccount", Fault::After);
    let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
    let lost = engine.close(&wish, &id, LIMIT, &cancel).await;
    assert!(matches!(lost, Err(Refusal::Call(error)) if error.kind == Kind::Unanswered));
    assert_eq!(engine.close(&wish, &id, LIMIT, &cancel).await.unwrap(), LetGo::Closed);
}

#[tokio::test]
async fn closes_keep_to_three_at_a_time_and_wait_for_their_turn() {
    let cloud = Cloud::new();
    let engine = vending(&cloud, "us");
    let wishes: Vec<Wish> = (0..7).map(|n| wish(&format!("account-{n}"))).collect();
    let cancel = CancellationToken::new();
    let mut ids = Vec::new();
    for wish in &wishes {
        ids.push(engine.vend(wish, LIMIT, &cancel).await.unwrap().facts.id);
    }
    let closes = wishes.iter().zip(&ids).map(|(wish, id)| engine.close(wish, id, LIMIT, &cancel));
    for closed in join_all(closes).await {
        assert!(matches!(closed.unwrap(), LetGo::Done { .. }));
    }
    assert!(cloud.count("CloseAccount") > 7, "some had to wait");

    // Where the turn does not come in time, that is an error, and the account stays as it is.
    cloud.world().now += 600_000;
    let last = wish("the-last");
    let id = engine.vend(&last, LIMIT, &cancel).await.unwrap().facts.id;
    for n in 0..3 {
        let id = format!("55555555555{n}");
        cloud.put_account(&id, &format!("x{n}@example.com"), &[]);
        cloud.ports().organizations.close_account(&id).await.unwrap();
    }
    let short = Duration::from_secs(60);
    let refused = engine.close(&last, &id, short, &cancel).await.unwrap_err();
    assert!(
        matches!(&refused, Refusal::OutOfTime { waiting_for, .. } if waiting_for.contains("three")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_aws_does_not_close_is_said_at_once_and_stays_as_it_is() {
    for (what, expected) in [
        ("quota", "Quota"),
        ("administrator", "DelegatedAdministrator"),
        ("management", "Management"),
    ] {
        let (cloud, wish, id) = retired().await;
        let mut asked = id.clone();
        match what {
            "quota" => cloud.world().closes.left = 0,
            "administrator" => cloud.world().closes.administrators.push("100000000001"),
            _ => "999999999999".clone_into(&mut asked),
        }
        let (engine, cancel) = (vending(&cloud, "us"), CancellationToken::new());
        let before = cloud.world().now;
        let Err(Refusal::NotClosed { reason, .. }) =
            engine.close(&wish, &asked, LIMIT, &cancel).await
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
