//! Which accounts of the simulated cloud nobody manages, and what it costs to find them.

use tokio_util::sync::CancellationToken;

use super::*;
use crate::aws::api::AccountState;
use crate::aws::testing::simulation::{Cloud, Fault, MANAGEMENT, PROD, ROOT};
use crate::{Config, Vending};

const WORKLOADS: &str = "ou-ab12-work0000";

/// An account whose name is not in the order of its id.
fn put(cloud: &Cloud, n: u64, name: &str, parent_id: &str, state: AccountState) -> String {
    let id = format!("{n:012}");
    cloud.put_account(&id, &format!("{name}@example.com"), &[]);
    let mut world = cloud.world();
    world.parents.insert(id.clone(), parent_id.into());
    let of = world.accounts.last_mut().unwrap();
    (of.name, of.state) = (name.into(), state);
    id
}

fn tag(cloud: &Cloud, id: &str, key: &str, value: &str) {
    cloud.world().tags.entry(id.to_owned()).or_default().insert(key.into(), value.into());
}

/// Two that can be taken over in the root, two below `Workloads`, and one of each other kind.
fn cloud() -> Cloud {
    let cloud = Cloud::new();
    put(&cloud, 1, "zebra", ROOT, AccountState::Active);
    let released = put(&cloud, 2, "lynx", PROD, AccountState::Active);
    tag(&cloud, &released, tags::RELEASED_FROM, "somebody");
    put(&cloud, 3, "ant", WORKLOADS, AccountState::PendingActivation);
    put(&cloud, 4, "ant", ROOT, AccountState::Other);
    for (n, manager) in [(5, "us"), (6, "somebody-else")] {
        let id = put(&cloud, n, manager, PROD, AccountState::Active);
        tag(&cloud, &id, tags::MANAGED_BY, manager);
    }
    for (n, state) in
        [(7, AccountState::Suspended), (8, AccountState::PendingClosure), (9, AccountState::Closed)]
    {
        put(&cloud, n, "over", ROOT, state);
    }
    put(&cloud, MANAGEMENT.parse().unwrap(), "management", ROOT, AccountState::Active);
    cloud
}

fn vending(cloud: &Cloud) -> Vending {
    Vending::with_ports(Config::default(), cloud.ports())
}

async fn found(cloud: &Cloud, place: Option<&str>) -> Result<Vec<Account>, Refusal> {
    let place = place.map(|text| Parent::parse(text).unwrap());
    vending(cloud).unmanaged(place.as_ref(), &CancellationToken::new()).await
}

fn ids(accounts: &[Account]) -> Vec<u64> {
    accounts.iter().map(|of| of.id.parse().unwrap()).collect()
}

#[tokio::test]
async fn open_members_without_a_manager_by_name_and_id() {
    let cloud = cloud();
    let all = found(&cloud, None).await.unwrap();
    assert_eq!(ids(&all), [3, 4, 2, 1]);
    assert_eq!(cloud.count("ListTagsForResource"), 0);
    assert_eq!(cloud.count("ListOrganizationalUnitsForParent"), 0);
}

#[tokio::test]
async fn a_place_is_a_unit_or_the_root_with_all_below() {
    let cloud = cloud();
    for (place, wanted) in [
        ("Workloads", &[3, 2][..]),
        (WORKLOADS, &[3, 2]),
        ("Workloads/Prod", &[2]),
        ("Workloads/Nonprod", &[]),
        (ROOT, &[3, 4, 2, 1]),
    ] {
        assert_eq!(ids(&found(&cloud, Some(place)).await.unwrap()), wanted, "{place}");
    }
    for place in ["Workload", "ou-ab12-none0000", "r-none"] {
        found(&cloud, Some(place)).await.unwrap_err();
    }
}

#[tokio::test]
async fn the_way_to_the_root_is_asked_for_once() {
    let cloud = cloud();
    for n in 20..30 {
        put(&cloud, n, "more", PROD, AccountState::Active);
    }
    assert_eq!(found(&cloud, Some("Workloads")).await.unwrap().len(), 12);
    // From the unit that holds them, and from the one above it.
    assert_eq!(cloud.count("ListParents"), 2);
}

#[tokio::test]
async fn the_tags_of_the_account_itself_have_the_last_word() {
    let cloud = cloud();
    // Without the index anything may be somebody's, and is found out one by one.
    cloud.world().tag_index = false;
    let all = found(&cloud, None).await.unwrap();
    assert_eq!(ids(&all), [3, 4, 2, 6, 5, 1]);
    let (vending, cancel) = (vending(&cloud), CancellationToken::new());
    let mut left = Vec::new();
    for account in &all {
        if let Some(facts) = vending.if_unmanaged(account, &cancel).await.unwrap() {
            assert_eq!(facts.parent_id, account.parent_id.clone().unwrap());
            left.push(facts.id.parse::<u64>().unwrap());
        }
    }
    assert_eq!(left, [3, 4, 2, 1]);
    assert_eq!(cloud.count("ListTagsForResource"), all.len());
    assert_eq!(cloud.count("DescribeAccount"), 0);
}

#[tokio::test]
async fn one_that_has_left_is_none_and_other_trouble_is_trouble() {
    let cloud = cloud();
    let [account, ..] = &found(&cloud, None).await.unwrap()[..] else { panic!() };
    for (kind, code, is_gone) in [
        (Kind::NotFound, "TargetNotFoundException", true),
        (Kind::Denied, "AccessDeniedException", false),
    ] {
        cloud.fault("ListTagsForResource", Fault::Before(kind, code));
        let looked = vending(&cloud).if_unmanaged(account, &CancellationToken::new()).await;
        assert_eq!(looked.is_ok_and(|of| of.is_none()), is_gone, "{code}");
    }
}
