//! A caller in the wrong account is told so before anything else is called.

use tokio_util::sync::CancellationToken;

use crate::Vending;
use crate::aws::api::Entry;
use crate::aws::testing::scenarios::{LIMIT, job, vend, vending};
use crate::aws::testing::simulation::{Cloud, Fault, MANAGEMENT};
use crate::aws::unit::{Claims, UnitJob};
use crate::config::Config;
use crate::error::Kind;
use crate::outcome::Attempt;
use crate::refusal::{Refusal, Task};
use crate::request::Adopt;
use crate::unit_path::Parent;

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
            0 => engine.vend(&job("a"), LIMIT, &cancel).await.err(),
            1 => engine.update(&job("a"), "100000000001", LIMIT, &cancel).await.err(),
            2 => engine.look(&job("a"), "100000000001", None, LIMIT, &cancel).await.err(),
            3 => {
                let unit = Parent::Id("ou-ab12-prod0000".into());
                engine.look_at_unit(&unit, LIMIT, &cancel).await.err()
            }
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
    let looked = engine.look(&job("a"), "100000000001", None, LIMIT, &cancel).await;
    assert!(looked.unwrap().found().is_none());
    let unit = UnitJob {
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
    let vended = vend(&cloud, &job("a")).await.unwrap();
    {
        let mut world = cloud.world();
        world.callers = (ELSEWHERE.into(), ELSEWHERE.into());
        world.lets_in = true;
        world.parents.insert(vended.facts.id.clone(), crate::aws::testing::simulation::ROOT.into());
    }
    let updated = vending(&cloud, "us")
        .update(&job("a"), &vended.facts.id, LIMIT, &CancellationToken::new())
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
        let done = vend(&cloud, &job("a")).await;
        assert_eq!(done.is_ok(), made, "{region}");
        assert_eq!(cloud.count("CreateAccount"), usize::from(made), "{region}");
    }
}

/// Every session that a refresh opens in a member account is limited to reads, whatever is there and whatever fails.
#[tokio::test]
async fn a_refresh_opens_no_session_that_can_write() {
    let cloud = Cloud::new();
    let vended = vend(&cloud, &job("a")).await.unwrap();
    let worked = std::mem::take(&mut cloud.world().sessions);
    assert_eq!(worked, [("OrganizationAccountAccessRole".to_owned(), Entry::Bootstrap)]);

    for roles in [None, Some(("manage", "read"))] {
        for refused in 0..4 {
            let config = Config {
                managed_by: "us".into(),
                manage_role_name: roles.map(|of| of.0.to_owned()),
                read_role_name: roles.map(|of| of.1.to_owned()),
                bootstrap_role_names: vec!["Other".into()],
                ..Config::default()
            };
            for _ in 0..refused {
                cloud.fault("AssumeRole", Fault::Before(Kind::NotYet, "AccessDenied"));
            }
            let engine = Vending::with_ports(config, cloud.ports());
            let cancel = CancellationToken::new();
            let looked = engine.look(&job("a"), &vended.facts.id, None, LIMIT, &cancel).await;
            looked.unwrap().found().unwrap();
            let mut world = cloud.world();
            world.faults.clear();
            let opened = std::mem::take(&mut world.sessions);
            assert!(opened.iter().all(|(_, entry)| *entry == Entry::Look), "{opened:?}");
        }
    }
}

#[tokio::test]
async fn an_account_without_a_role_says_which_were_tried_and_what_makes_one() {
    let cloud = Cloud::new();
    let vended = vend(&cloud, &job("a")).await.unwrap();
    cloud.world().role_seconds = 1_000_000;
    cloud.world().now += 86_400_000;
    let engine = vending(&cloud, "us");
    let cancel = CancellationToken::new();
    let looked = engine.look(&job("a"), &vended.facts.id, None, LIMIT, &cancel).await;
    let looked = looked.unwrap().found().unwrap();
    assert!(looked.status_reason.unwrap().starts_with("blocked: no_access_role: "));
    // Only the verdict in the tags is written anew: no apply can open the account.
    assert_eq!(looked.work, ["tags do not say what they should"]);
    let [failure] = looked.failures.as_slice() else { panic!("{:?}", looked.failures) };
    let Refusal::NoAccessRole { account_id, caller, tried, remedy } = &failure.refusal else {
        panic!("{failure:?}")
    };
    assert_eq!((account_id, caller.as_str()), (&vended.facts.id, MANAGEMENT));
    assert_eq!(tried, &["OrganizationAccountAccessRole"]);
    for part in
        ["create-role --role-name OrganizationAccountAccessRole", MANAGEMENT, "iam:CreateRole"]
    {
        assert!(remedy.contains(part), "{part}: {remedy}");
    }
    // Of controls that are not asked for in the account it allows nothing.
    for part in ["ec2:EnableEbsEncryptionByDefault", "s3:PutAccountPublicAccessBlock"] {
        assert!(!remedy.contains(part), "{part}: {remedy}");
    }
}
