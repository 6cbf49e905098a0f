//! Whose an account is, and what the look-up makes of what crashes, lags and other people do.

use super::*;
use crate::Warning;

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_sent_again_blindly() {
    let cloud = Cloud::new();
    cloud.world().read_lag_seconds = 2;
    cloud.fault("CreateAccount", Fault::After);
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Ready);
    assert_eq!(cloud.count("CreateAccount"), 1);
    assert_eq!(cloud.world().accounts.len(), 1);
}

#[tokio::test]
async fn a_send_that_never_arrived_is_sent_again() {
    let cloud = Cloud::new();
    cloud.fault("CreateAccount", Fault::Before(Kind::Unanswered, "NoConnection"));
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.phase, Phase::Ready);
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (2, 1));
}

#[tokio::test]
async fn who_holds_the_email_decides() {
    let ours = tags::fleet_id(ORGANIZATION, "payments");
    type Case<'a> = (Vec<(&'a str, &'a str)>, AccountState, fn(&Refusal) -> bool);
    let cases: Vec<Case<'_>> = vec![
        (
            vec![(tags::MANAGED_BY, "them"), (tags::ID, &ours)],
            AccountState::Active,
            |refusal| matches!(refusal, Refusal::OtherManager { manager, .. } if manager == "them"),
        ),
        (vec![], AccountState::Active, |refusal| {
            matches!(refusal, Refusal::Unmanaged { released_from: None, .. })
        }),
        (
            vec![(tags::RELEASED_FROM, "them")],
            AccountState::Active,
            |refusal| matches!(refusal, Refusal::Unmanaged { released_from: Some(from), .. } if from == "them"),
        ),
        (
            vec![(tags::MANAGED_BY, "us"), (tags::ID, "other"), (tags::KEY, "old-key")],
            AccountState::Active,
            |refusal| matches!(refusal, Refusal::OtherKey { key, .. } if key == "old-key"),
        ),
        (
            vec![(tags::MANAGED_BY, "us"), (tags::ID, &ours)],
            AccountState::Closed,
            |refusal| matches!(refusal, Refusal::Inactive { state, .. } if state == "closed"),
        ),
        (vec![(tags::MANAGED_BY, "us"), (tags::ID, &ours)], AccountState::Suspended, |refusal| {
            matches!(refusal, Refusal::Inactive { .. })
        }),
        (vec![], AccountState::PendingClosure, |refusal| {
            matches!(refusal, Refusal::Inactive { .. })
        }),
    ];
    for (tags, state, expected) in cases {
        let cloud = Cloud::new();
        cloud.put_account("555555555555", "aws+payments@example.com", &tags);
        cloud.world().accounts[0].state = state;
        let refusal = vend(&cloud, &job("payments")).await.unwrap_err();
        assert!(expected(&refusal), "{tags:?} {state:?}: {refusal:?}");
        assert_eq!(cloud.count("CreateAccount") + cloud.count("TagResource"), 0, "{tags:?}");
    }
}

#[tokio::test]
async fn two_managers_race_for_one_email_and_one_wins() {
    let cloud = Cloud::new();
    let (us, them) = (vending(&cloud, "us"), vending(&cloud, "them"));
    let (job, cancel) = (job("payments"), CancellationToken::new());
    let (a, b) = futures::join!(us.vend(&job, LIMIT, &cancel), them.vend(&job, LIMIT, &cancel));
    assert_eq!(holding(&cloud, &job.request.contract.email), 1);
    let refused = [a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(
        matches!(refused.as_slice(), [Refusal::OtherManager { .. }]),
        "one is told who has it: {refused:?}"
    );
}

#[tokio::test]
async fn tags_that_lag_are_waited_for() {
    let cloud = Cloud::new();
    // An earlier run made it and died; its tags are not readable yet.
    cloud.world().crash = Some((cloud_calls_until("CreateAccount").await, true));
    let request = job("payments");
    let _ = cloud.until_crash(Box::pin(vend(&cloud, &request))).await;
    {
        let mut world = cloud.world();
        world.now += 30_000;
        let readable = world.now + 12_000;
        world.tags_from.insert("100000000001".into(), readable);
    }
    assert!(vend(&cloud, &job("payments")).await.unwrap().ready());
    assert_eq!((cloud.count("CreateAccount"), cloud.world().accounts.len()), (1, 1));
}

/// How many calls a run makes up to and with `call`.
async fn cloud_calls_until(call: &str) -> usize {
    let cloud = Cloud::new();
    vend(&cloud, &job("payments")).await.unwrap();
    let made = cloud.world().calls.clone();
    made.iter().position(|of| of == call).unwrap() + 1
}

#[tokio::test]
async fn our_id_under_another_email_is_our_account() {
    let ours = tags::fleet_id(ORGANIZATION, "payments");
    let tags = [(tags::MANAGED_BY, "us"), (tags::ID, ours.as_str()), (tags::KEY, "payments")];
    let cloud = Cloud::new();
    cloud.put_account("555555555555", "old@example.com", &tags);
    let outcome = vend(&cloud, &job("payments")).await.unwrap();
    assert_eq!(outcome.facts.id, "555555555555");
    let found = |of: &Warning| matches!(of, Warning::EmailDiffers { found, .. } if found == "old@example.com");
    assert!(outcome.warnings.iter().any(found));
    assert_eq!(cloud.count("CreateAccount"), 0);

    // Closed under this key: a new email makes a new account. And where the tag index does not
    // answer, the email alone is the fence.
    for state in [AccountState::Closed, AccountState::Active] {
        let cloud = Cloud::new();
        cloud.put_account("555555555555", "old@example.com", &tags);
        cloud.world().accounts[0].state = state;
        cloud.world().tag_index = state == AccountState::Closed;
        assert_eq!(vend(&cloud, &job("payments")).await.unwrap().facts.id, "100000000001");
    }
}
