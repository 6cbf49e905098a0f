//! What is there already when an account is planned or created: told, and that one or none.

use super::*;
use crate::aws::preflight::{Coming, Taken};
use crate::refusal::Unusable;
use crate::request::{AccountRequest, RunIntent};

const ID: &str = "555555555555";

/// What a plan of a fresh process finds.
pub(super) async fn found(
    cloud: &Cloud,
    job: &AccountJob,
    named: Option<&str>,
) -> Result<Option<Taken>, Refusal> {
    let contract = &job.request.contract;
    let coming = Coming { key: contract.key.as_str(), email: &contract.email, named };
    vending(cloud, "us").found(&coming, &CancellationToken::new()).await
}

/// The job as a plan leaves it for its apply: the account that it found is named.
pub(super) async fn planned(cloud: &Cloud, job: &AccountJob) -> AccountJob {
    let taken = found(cloud, job, None).await.unwrap();
    let adopt = taken.map_or(Adopt::No, |taken| Adopt::Again(taken.account.id));
    AccountJob { intent: RunIntent { adopt, ..job.intent.clone() }, ..job.clone() }
}

#[tokio::test]
async fn a_key_whose_file_names_an_account_is_filled_by_no_other() {
    let ours = tags::fleet_id(ORGANIZATION, "payments");
    let us = [(tags::MANAGED_BY, "us"), (tags::ID, ours.as_str()), (tags::KEY, "payments")];
    let them = [(tags::MANAGED_BY, "them"), (tags::ID, ours.as_str())];
    let other_key = [(tags::MANAGED_BY, "us"), (tags::ID, "other"), (tags::KEY, "old")];
    let is_unusable = |refusal: &Refusal, expected: &Unusable| matches!(refusal, Refusal::KeyTaken { account_id, problem, .. } if account_id == ID && problem == expected);
    let not_here = Unusable::NotHere { organization_id: ORGANIZATION.to_owned() };
    type Case<'a> = (Option<&'a [(&'a str, &'a str)]>, AccountState, Box<dyn Fn(&Refusal) -> bool>);
    let cases: [Case<'_>; 5] = [
        (None, AccountState::Active, Box::new(move |of| is_unusable(of, &not_here))),
        (
            Some(&us),
            AccountState::Closed,
            Box::new(move |of| is_unusable(of, &Unusable::Over("closed".to_owned()))),
        ),
        (Some(&[]), AccountState::Active, Box::new(move |of| is_unusable(of, &Unusable::Unmarked))),
        (
            Some(&them),
            AccountState::Active,
            Box::new(|of| matches!(of, Refusal::OtherManager { manager, .. } if manager == "them")),
        ),
        (
            Some(&other_key),
            AccountState::Active,
            Box::new(|of| matches!(of, Refusal::OtherKey { key, .. } if key == "old")),
        ),
    ];
    for (number, (tags, state, expected)) in cases.into_iter().enumerate() {
        let cloud = Cloud::new();
        if let Some(tags) = tags {
            cloud.put_account(ID, "old@example.com", tags);
            cloud.world().accounts[0].state = state;
        }
        // A second account that has the key's email changes nothing.
        for rival in [false, true] {
            if rival {
                cloud.put_account("666666666666", "aws+payments@example.com", &us);
            }
            let refused = found(&cloud, &job("payments"), Some(ID)).await.unwrap_err();
            assert!(expected(&refused), "{number} {rival}: {refused:?}");
            let again = {
                let mut job = job("payments");
                job.intent.adopt = Adopt::Again(ID.to_owned());
                job
            };
            vend(&cloud, &again).await.unwrap_err();
            assert_eq!(cloud.count("CreateAccount") + cloud.count("TagResource"), 0, "{number}");
        }
    }
}

#[tokio::test]
async fn the_account_of_the_file_is_found_by_its_id_alone() {
    let ours = tags::fleet_id(ORGANIZATION, "payments");
    let us = [(tags::MANAGED_BY, "us"), (tags::ID, ours.as_str()), (tags::KEY, "payments")];
    let cloud = Cloud::new();
    cloud.world().tag_index = false;
    cloud.put_account(ID, "old@example.com", &us);
    let taken = found(&cloud, &job("payments"), Some(ID)).await.unwrap().unwrap();
    assert_eq!(taken.account.id, ID);
    let again = {
        let mut job = job("payments");
        job.intent.adopt = Adopt::Again(ID.to_owned());
        job
    };
    assert_eq!(vend(&cloud, &again).await.unwrap().facts.id, ID);
    assert_eq!(cloud.count("CreateAccount"), 0);
}

#[tokio::test]
async fn a_plan_names_what_its_apply_goes_on_with_and_says_whether_it_was_interrupted() {
    let cloud = Cloud::new();
    let job = job("payments");
    assert_eq!(found(&cloud, &job, None).await.unwrap(), None, "nothing is there");
    let before = cloud.world().calls.len();
    cloud.world().crash = Some((before + 14, true));
    assert!(cloud.until_crash(Box::pin(vend(&cloud, &job))).await.is_none());
    cloud.world().now += 60_000;
    let taken = found(&cloud, &job, None).await.unwrap().unwrap();
    assert!(!taken.is_finished(), "{:?}", taken.tags);
    let again = planned(&cloud, &job).await;
    let outcome = vend(&cloud, &again).await.unwrap();
    assert_eq!(outcome.facts.id, taken.account.id);
    assert!(found(&cloud, &job, None).await.unwrap().unwrap().is_finished());

    // By our id, whatever the email, where the index answers.
    let moved = AccountJob {
        request: AccountRequest {
            contract: Contract {
                email: "new@example.com".to_owned(),
                ..job.request.contract.clone()
            },
            ..job.request.clone()
        },
        ..job.clone()
    };
    assert_eq!(found(&cloud, &moved, None).await.unwrap().unwrap().account.id, taken.account.id);
    // What is not ours is told by the preflight, and nothing is written.
    let cloud = Cloud::new();
    cloud.put_account(ID, "aws+payments@example.com", &[(tags::MANAGED_BY, "them")]);
    assert_eq!(found(&cloud, &job, None).await.unwrap(), None);
    assert_eq!(cloud.count("TagResource"), 0);
}

/// What a plan says of an account that it takes up is read in it, by name; what cannot be read is said.
#[tokio::test]
async fn what_is_ours_in_an_account_is_named_and_what_cannot_be_read_is_said() {
    use crate::aws::api::member::Role;
    let ours = tags::fleet_id(ORGANIZATION, "payments");
    let marks = |manager: &str, id: &str| {
        let of = [(tags::MANAGED_BY, manager), (tags::ID, id), (tags::KEY, "payments")];
        of.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    };
    let cloud = Cloud::new();
    cloud.put_account(
        ID,
        "aws+payments@example.com",
        &[(tags::MANAGED_BY, "us"), (tags::ID, &ours)],
    );
    let of = |tags| Role { tags, ..Role::default() };
    for (role, tags) in [
        ("fleet-plan", marks("us", &ours)),
        ("fleet-apply", marks("them", &ours)),
        ("fleet-read-only", marks("us", "another")),
        ("by-hand", marks("us", &ours)),
    ] {
        cloud.world().roles.insert(role.to_owned(), of(tags));
    }
    let inside = async || {
        let engine = vending(&cloud, "us");
        engine.inside(&job("payments"), ID, &CancellationToken::new()).await.unwrap()
    };
    let found = inside().await;
    assert_eq!(found.objects, ["role `fleet-plan`"]);
    assert_eq!(found.unread, [""; 0]);
    assert_eq!(cloud.count("change") + cloud.count("TagResource"), 0, "it only looks");

    cloud.fault("GetAccountAuthorizationDetails", Fault::Before(Kind::Denied, "AccessDenied"));
    let found = inside().await;
    assert_eq!(found.objects, [""; 0]);
    assert!(found.unread[0].contains("AccessDenied"), "{:?}", found.unread);
}
