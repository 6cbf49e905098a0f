//! A caller in the wrong account is told so before anything else is called.

use tokio_util::sync::CancellationToken;

use super::scenarios::{LIMIT, vend, vending, wish};
use super::simulation::{Cloud, MANAGEMENT};
use super::{Claims, Task, UnitWish};
use crate::wish::{Adopt, Attempt, Parent, Refusal};

const ELSEWHERE: &str = "111111111111";

/// A cloud that reads and writes from these accounts.
fn called_from(reads: &str, writes: &str) -> Cloud {
    let cloud = Cloud::new();
    cloud.world().callers = (reads.to_owned(), writes.to_owned());
    cloud
}

fn wrong_caller() -> Refusal {
    Refusal::WrongCaller { caller: ELSEWHERE.into(), management: MANAGEMENT.into() }
}

#[tokio::test]
async fn an_account_that_may_not_read_is_refused_before_any_other_call() {
    let cancel = CancellationToken::new();
    for attempt in 0..5 {
        let cloud = called_from(ELSEWHERE, MANAGEMENT);
        let engine = vending(&cloud, "us");
        let refused = match attempt {
            0 => engine.vend(&wish("a"), LIMIT, &cancel).await.err(),
            1 => engine.update(&wish("a"), "100000000001", LIMIT, &cancel).await.err(),
            2 => engine.look(&wish("a"), "100000000001", &cancel).await.err(),
            3 => engine.look_at_unit(&Parent::Id("ou-ab12-prod0000".into()), &cancel).await.err(),
            _ => engine.facts("100000000001", &cancel).await.err(),
        };
        assert_eq!(refused, Some(wrong_caller()), "{attempt}");
        assert_eq!(
            cloud.world().calls,
            ["GetCallerIdentity", "DescribeOrganization", "ListDelegatedAdministrators"],
            "{attempt}"
        );
    }
}

#[tokio::test]
async fn the_management_account_is_asked_about_once() {
    let cloud = Cloud::new();
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    for _ in 0..3 {
        let standing = engine.standing(Some(Task::CreateAccount), &cancel).await.unwrap();
        assert_eq!(standing.management_account_id, MANAGEMENT);
    }
    assert_eq!(cloud.world().calls, ["GetCallerIdentity", "DescribeOrganization"]);
}

#[tokio::test]
async fn a_delegated_administrator_reads_and_does_what_only_the_management_account_can_nowhere() {
    let cloud = called_from(ELSEWHERE, ELSEWHERE);
    cloud.world().lets_in = true;
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    for task in [Task::CreateAccount, Task::MoveAccount, Task::CloseAccount, Task::ChangeUnit] {
        assert_eq!(
            engine.standing(Some(task), &cancel).await,
            Err(Refusal::NotManagement {
                task,
                caller: ELSEWHERE.into(),
                management: MANAGEMENT.into()
            })
        );
    }
    assert!(engine.standing(None, &cancel).await.is_ok());
    assert_eq!(engine.look(&wish("a"), "100000000001", &cancel).await.unwrap().map(drop), None);
    let unit = UnitWish {
        name: "New".into(),
        parent: None,
        tags: Default::default(),
        tags_set_before: Default::default(),
        adopt: Adopt::No,
    };
    assert!(engine.create_unit(&unit, &Claims::default(), LIMIT, &cancel).await.is_err());
    assert_eq!(cloud.count("CreateOrganizationalUnit") + cloud.count("CreateAccount"), 0);
}

#[tokio::test]
async fn a_delegated_administrator_goes_on_with_an_account_and_says_that_it_cannot_move_it() {
    let cloud = Cloud::new();
    let vended = vend(&cloud, &wish("a")).await.unwrap();
    {
        let mut world = cloud.world();
        world.callers = (ELSEWHERE.into(), ELSEWHERE.into());
        world.lets_in = true;
        world.parents.insert(vended.facts.id.clone(), super::simulation::ROOT.into());
    }
    let updated = vending(&cloud, "us")
        .update(&wish("a"), &vended.facts.id, LIMIT, &CancellationToken::new())
        .await
        .unwrap();
    let failed: Vec<_> = updated.failures.iter().map(|of| of.attempt).collect();
    assert_eq!(failed, [Attempt::Parent]);
    assert!(updated.status_reason.unwrap().starts_with("blocked: only the management account"));
    assert_eq!(cloud.count("MoveAccount"), 1, "when it was vended");
}

#[tokio::test]
async fn no_account_is_asked_for_where_the_partition_makes_none() {
    for (region, made) in [("us-gov-west-1", false), ("cn-north-1", true), ("eu-west-1", true)] {
        let cloud = Cloud::new();
        cloud.world().region = region;
        let done = vend(&cloud, &wish("a")).await;
        assert_eq!(done.is_ok(), made, "{region}");
        assert_eq!(cloud.count("CreateAccount"), usize::from(made), "{region}");
    }
}
