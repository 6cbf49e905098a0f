//! Accounts that are taken over.

use fleet_model::contact::{Contact, ContactType};

use super::*;
use crate::request::RunIntent;

const ID: &str = "555555555555";

fn adopting(adopt: Adopt) -> AccountJob {
    {
        let mut job = job("payments");
        job.intent.adopt = adopt;
        job
    }
}

/// An account that somebody made by hand long ago, with the email of the job.
fn stranger(tags: &[(&str, &str)]) -> Cloud {
    let cloud = Cloud::new();
    cloud.put_account(ID, "aws+payments@example.com", tags);
    cloud
}

#[tokio::test]
async fn an_account_of_nobody_is_taken_over_on_request_and_then_is_like_any_other() {
    for tags in [&[("foreign", "1")][..], &[("foreign", "1"), (tags::RELEASED_FROM, "them")]] {
        let cloud = stranger(tags);
        let refused = vend(&cloud, &job("payments")).await;
        assert!(matches!(refused, Err(Refusal::Unmanaged { .. })), "{refused:?}");
        assert_eq!(cloud.count("TagResource"), 0);
        let outcome = vend(&cloud, &adopting(Adopt::This(ID.into()))).await.unwrap();
        assert_eq!((outcome.phase, outcome.facts.id.as_str()), (Phase::Ready, ID));
        assert_eq!(outcome.facts.parent_id, PROD);
        let has = cloud.world().tags[ID].clone();
        assert_eq!((has[tags::MANAGED_BY].as_str(), has[tags::KEY].as_str()), ("us", "payments"));
        assert_eq!(has[tags::ID], tags::fleet_id(ORGANIZATION, "payments"));
        assert_eq!((has["foreign"].as_str(), has["cost-center"].as_str()), ("1", "4711"));
        assert!(!has.contains_key(tags::RELEASED_FROM));
        assert_eq!(cloud.count("CreateAccount"), 0);
    }
}

#[tokio::test]
async fn a_crash_at_any_call_of_a_take_over_leaves_one_account_of_ours() {
    for with_effect in [false, true] {
        for at in 1.. {
            let cloud = stranger(&[]);
            let job = adopting(Adopt::Any);
            cloud.world().crash = Some((at, with_effect));
            let done = cloud.until_crash(Box::pin(vend(&cloud, &job))).await.is_some();
            if done {
                assert!(at > 10, "the run made only {at} calls");
                break;
            }
            let outcome = vend(&cloud, &job).await.unwrap();
            assert_eq!((outcome.phase, outcome.facts.id.as_str()), (Phase::Ready, ID), "{at}");
            assert_eq!(cloud.world().accounts.len(), 1, "crash at call {at}");
        }
    }
}

#[tokio::test]
async fn what_is_not_to_be_had_is_refused_without_a_write() {
    let marked = |key| [(tags::MANAGED_BY, "us"), (tags::ID, "another"), (tags::KEY, key)];
    for (tags, word) in [
        (&[(tags::MANAGED_BY, "them")][..], "another manager"),
        (&marked("other")[..], "under the key `other`"),
    ] {
        let cloud = stranger(tags);
        let engine = vending(&cloud, "us");
        let cancel = CancellationToken::new();
        let planned = engine.adoption(&adopting(Adopt::Any), &cancel).await.unwrap_err();
        let refused = vend(&cloud, &adopting(Adopt::Any)).await.unwrap_err();
        assert!(planned.to_string().contains(word), "{planned}");
        assert!(refused.to_string().contains(word), "{refused}");
        assert_eq!(cloud.world().tags[ID].len(), tags.len());
    }
    for state in [AccountState::Suspended, AccountState::PendingClosure, AccountState::Closed] {
        let cloud = stranger(&[]);
        cloud.world().accounts[0].state = state;
        let refused = vend(&cloud, &adopting(Adopt::Any)).await;
        assert!(matches!(refused, Err(Refusal::Inactive { .. })), "{refused:?}");
    }
    let cloud = Cloud::new();
    cloud.put_account("999999999999", "aws+payments@example.com", &[]);
    let refused = vend(&cloud, &adopting(Adopt::Any)).await;
    assert!(matches!(refused, Err(Refusal::ManagementAccount { .. })), "{refused:?}");
    assert_eq!((cloud.count("TagResource"), cloud.count("CreateAccount")), (0, 0));
}

#[tokio::test]
async fn the_report_has_the_contacts_that_would_be_overwritten() {
    let cloud = stranger(&[]);
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    let contact = |name: &str| Contact {
        name: name.to_owned(),
        title: "On call".to_owned(),
        email: format!("{name}@example.com"),
        phone_number: "+65 1234".to_owned(),
    };
    let report = engine.adoption(&adopting(Adopt::Any), &cancel).await.unwrap().unwrap();
    assert_eq!((report.contacts, report.contacts_unread), (BTreeMap::new(), None));
    assert_eq!(cloud.count("GetAlternateContact"), 0, "nothing asked, nothing read");

    let all = [ContactType::Billing, ContactType::Operations, ContactType::Security];
    let contacts = all.map(|of| (of, contact("ours"))).into();
    let job = {
        let mut job = adopting(Adopt::Any);
        job.request.contacts = contacts;
        job
    };
    cloud.world().contacts.insert((ID.to_owned(), ContactType::Operations), contact("theirs"));
    cloud.world().contacts.insert((ID.to_owned(), ContactType::Security), contact("ours"));
    let report = engine.adoption(&job, &cancel).await.unwrap().unwrap();
    let theirs = Some(contact("theirs"));
    assert_eq!(
        report.contacts,
        BTreeMap::from([(ContactType::Billing, None), (ContactType::Operations, theirs)])
    );

    cloud.fault("GetAlternateContact", Fault::Before(Kind::Denied, "AccessDeniedException"));
    cloud.world().role_seconds = 10 * 86_400;
    let report = engine.adoption(&job, &cancel).await.unwrap().unwrap();
    assert_eq!(report.contacts.keys().collect::<Vec<_>>(), [&ContactType::Operations]);
    assert!(report.contacts_unread.is_some_and(|why| why.contains("GetAlternateContact")));
    assert_eq!(cloud.count("PutAlternateContact"), 0);
}

#[tokio::test]
async fn the_account_that_the_plan_named_or_none() {
    let other = adopting(Adopt::This("444444444444".into()));
    let cloud = stranger(&[]);
    let refused = vend(&cloud, &other).await;
    assert!(matches!(refused, Err(Refusal::NotAsPlanned { found: Some(id), .. }) if id == ID));
    let cloud = Cloud::new();
    let refused = vend(&cloud, &other).await;
    assert!(matches!(refused, Err(Refusal::NotAsPlanned { found: None, .. })));
    assert_eq!((cloud.count("TagResource"), cloud.count("CreateAccount")), (0, 0));
    let nothing_to_adopt = vend(&cloud, &adopting(Adopt::Any)).await.unwrap();
    assert_eq!(nothing_to_adopt.phase, Phase::Ready);
}

#[tokio::test]
async fn the_report_says_what_would_change_and_who_else_shows_and_writes_nothing() {
    let cloud = stranger(&[("cost-center", "4711"), ("Accelerator", "AWSAccelerator")]);
    cloud.world().role_names = vec!["stacksets-exec-0123".into(), "Admin".into()];
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    let job = {
        let mut job = adopting(Adopt::Any);
        job.request.tags =
            BTreeMap::from([("cost-center".into(), "4711".into()), ("tier".into(), "1".into())]);
        job
    };
    let report = engine.adoption(&job, &cancel).await.unwrap().unwrap();
    assert_eq!((report.facts.id.as_str(), report.parent.as_str()), (ID, ROOT));
    assert!(report.moves && report.released_from.is_none() && report.unseen.is_none());
    assert_eq!(report.tags, BTreeMap::from([("tier".to_owned(), "1".to_owned())]));
    assert_eq!(report.mends.keys().collect::<Vec<_>>(), ["password-policy"]);
    let signs: Vec<_> = report.signs.keys().copied().collect();
    assert_eq!(signs, ["CloudFormation StackSets", "Landing Zone Accelerator"]);
    for call in ["TagResource", "UntagResource", "MoveAccount", "change", "EnableRegion"] {
        assert_eq!(cloud.count(call), 0, "{call}");
    }

    // A way in that does not open is no reason to be silent about the rest.
    cloud.world().role_seconds = 10 * 86_400;
    let report = engine.adoption(&job, &cancel).await.unwrap().unwrap();
    assert!(report.unseen.is_some() && report.mends.is_empty(), "{report:?}");
    vend(
        &cloud,
        &AccountJob {
            intent: RunIntent { adopt: Adopt::Any, ..job.intent.clone() },
            ..job.clone()
        },
    )
    .await
    .unwrap();
    let engine = vending(&cloud, "us");
    assert_eq!(engine.adoption(&job, &cancel).await.unwrap(), None, "ours");
}
