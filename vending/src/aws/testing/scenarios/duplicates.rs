//! Two accounts of one key: found, told, and decided alike by whoever looks.

use super::*;
use crate::refusal::Unusable;
use crate::request::AccountRequest;

const OTHER: &str = "222222222222";
const WRITES: [&str; 6] =
    ["TagResource", "UntagResource", "MoveAccount", "change", "EnableRegion", "AttachPolicy"];

fn marks(manager: &'static str) -> [(&'static str, String); 3] {
    [
        (tags::MANAGED_BY, manager.to_owned()),
        (tags::ID, tags::fleet_id(ORGANIZATION, "payments")),
        (tags::KEY, "payments".to_owned()),
    ]
}

/// An account that came a day before every other, with the marks of the key.
fn put_older(cloud: &Cloud, manager: &'static str) {
    let marks = marks(manager);
    let marks: Vec<_> = marks.iter().map(|(key, value)| (*key, value.as_str())).collect();
    cloud.put_account(OTHER, "older@example.com", &marks);
}

fn elsewhere(key: &str) -> AccountJob {
    let mut other = job(key);
    "aws+elsewhere@example.com".clone_into(&mut other.request.contract.email);
    "elsewhere".clone_into(&mut other.request.contract.name);
    other
}

#[tokio::test]
async fn of_two_runs_that_begin_together_one_goes_on_and_one_is_refused() {
    for managers in [["us", "us"], ["us", "them"]] {
        let cloud = Cloud::new();
        let (a, b) = (vending(&cloud, managers[0]), vending(&cloud, managers[1]));
        let (first, second) = (job("payments"), elsewhere("payments"));
        let cancel = CancellationToken::new();
        let (a, b) = futures::join!(
            Box::pin(a.vend(&first, LIMIT, &cancel)),
            Box::pin(b.vend(&second, LIMIT, &cancel))
        );
        assert_eq!(cloud.world().accounts.len(), 2, "AWS made both");
        let ends = [a, b];
        let went: Vec<_> = ends.iter().filter_map(|end| end.as_ref().ok()).collect();
        let refused: Vec<_> = ends.iter().filter_map(|end| end.as_ref().err()).collect();
        let [winner] = went.as_slice() else { panic!("{ends:?}") };
        let [Refusal::Duplicate(told)] = refused.as_slice() else { panic!("{ends:?}") };
        assert_eq!(told.winner().id, winner.facts.id);
        let loser = &told.others()[0].id;
        // Nothing of the other one was used: it is where AWS made it, with the tags it was made with.
        assert_eq!(cloud.world().parents[loser], ROOT);
        assert!(!cloud.world().tags[loser].contains_key(tags::READINESS));
        // Whoever looks later is told, too.
        let manager = if winner.facts.email == first.request.contract.email {
            managers[0]
        } else {
            managers[1]
        };
        let job = if winner.facts.email == first.request.contract.email { &first } else { &second };
        let engine = vending(&cloud, manager);
        let looked = engine.look(job, &winner.facts.id, None, LIMIT, &cancel);
        let seen = Box::pin(looked).await.unwrap().found().unwrap();
        assert!(seen.ready());
        assert_eq!(
            seen.duplicate.as_ref().map(|of| of.others()[0].id.clone()),
            Some(loser.clone())
        );
        assert_eq!(vending(&cloud, "us").duplicates(&cancel).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_account_that_does_not_have_its_key_is_not_touched() {
    for manager in ["us", "them"] {
        let (cloud, job, applied) = vended().await;
        let id = applied.facts.id;
        put_older(&cloud, manager);
        cloud.world().calls.clear();
        let seen = look(&cloud, &job, &id).await.unwrap();
        let more = AccountJob {
            request: AccountRequest {
                parent: Some(Parent::Id(NONPROD.to_owned())),
                ..job.request.clone()
            },
            ..job.clone()
        };
        let done = update(&cloud, &more, &id).await;
        for outcome in [seen, done] {
            assert_eq!((outcome.phase, outcome.ready()), (Phase::Created, false));
            assert_eq!(outcome.readiness.verdict(), Verdict::Fail);
            assert!(outcome.duplicate.is_some_and(|of| of.winner().id == OTHER));
            let attempts: Vec<_> = outcome.failures.iter().map(|of| of.attempt).collect();
            assert_eq!(attempts, [Attempt::Everything]);
        }
        for call in WRITES {
            assert_eq!(cloud.count(call), 0, "{call}");
        }
        // What is let go, or closed, has the key no more.
        {
            let mut world = cloud.world();
            let mut accounts = world.accounts.iter_mut();
            accounts.find(|of| of.id == OTHER).unwrap().state = AccountState::Closed;
        }
        assert!(look(&cloud, &job, &id).await.unwrap().ready());
        cloud.world().accounts.iter_mut().for_each(|of| of.state = AccountState::Active);
        cloud.world().tags.get_mut(OTHER).unwrap().remove(tags::MANAGED_BY);
        assert!(look(&cloud, &job, &id).await.unwrap().ready());
    }
}

#[tokio::test]
async fn where_the_index_does_not_answer_the_accounts_are_asked() {
    let (cloud, job, applied) = vended().await;
    cloud.world().tag_index = false;
    put_older(&cloud, "us");
    let seen = look(&cloud, &job, &applied.facts.id).await.unwrap();
    assert!(seen.duplicate.is_some_and(|of| of.winner().id == OTHER));
}

#[tokio::test]
async fn no_account_is_taken_over_under_a_key_that_another_one_has() {
    let cloud = Cloud::new();
    put_older(&cloud, "us");
    cloud.put_account("555555555555", "aws+payments@example.com", &[]);
    let adopting = {
        let mut job = job("payments");
        job.intent.adopt = Adopt::This("555555555555".into());
        job
    };
    let cancel = CancellationToken::new();
    let is_taken = |refusal: &Refusal| matches!(refusal, Refusal::KeyTaken { account_id, problem: Unusable::Another(_), .. } if account_id == OTHER);
    let planned = vending(&cloud, "us").adoption(&adopting, &cancel).await.unwrap_err();
    let applied = vend(&cloud, &adopting).await.unwrap_err();
    assert!(is_taken(&planned) && is_taken(&applied), "{planned:?} {applied:?}");
    // An import of it knows the account from the start.
    let imported = update(&cloud, &adopting, "555555555555").await;
    assert!(imported.duplicate.is_some_and(|of| of.winner().id == OTHER));
    for call in WRITES {
        assert_eq!(cloud.count(call), 0, "{call}");
    }
}

#[tokio::test]
async fn that_nobody_could_look_for_other_accounts_is_told() {
    let looks = {
        let cloud = Cloud::new();
        assert_eq!(vend(&cloud, &job("payments")).await.unwrap().failures, []);
        cloud.count("ListAccounts")
    };
    for kind in [Kind::Throttled, Kind::Denied, Kind::DeadlineExceeded] {
        let cloud = Cloud::new();
        (1..looks).for_each(|_| cloud.fault("ListAccounts", Fault::Not));
        cloud.fault("ListAccounts", Fault::Before(kind, "Code"));
        let outcome = vend(&cloud, &job("payments")).await.unwrap();
        let attempts: Vec<_> = outcome.failures.iter().map(|of| of.attempt).collect();
        assert_eq!(attempts, [Attempt::Rivals], "{kind:?}");
        assert!(outcome.ready(), "{kind:?}: it is nothing about the account");
    }
}
