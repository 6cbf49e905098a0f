//! What a survey tells of the simulated cloud, and what it costs.

use tokio_util::sync::CancellationToken;

use super::*;
use crate::aws::testing::simulation::{Cloud, PROD, ROOT};
use crate::{Config, Vending};

fn cloud() -> Cloud {
    let cloud = Cloud::new();
    let ours = [(tags::MANAGED_BY, "us"), (tags::KEY, "pay")];
    cloud.put_account("100000000001", "one@example.com", &ours);
    cloud.put_account("100000000002", "two@example.com", &[]);
    cloud.world().parents.insert("100000000001".into(), PROD.into());
    cloud.world().parents.insert("100000000002".into(), ROOT.into());
    cloud
}

async fn survey(cloud: &Cloud, want: Want) -> Survey {
    let vending = Vending::with_ports(Config::default(), cloud.ports());
    vending.survey(&want, &CancellationToken::new()).await.unwrap()
}

#[tokio::test]
async fn the_tree_and_the_accounts_in_it() {
    let cloud = cloud();
    let seen = survey(&cloud, Want::Tags(BTreeSet::new())).await;
    let paths: Vec<&str> = seen.units.iter().map(|of| of.path.as_str()).collect();
    assert_eq!(paths, ["Workloads", "Workloads/Nonprod", "Workloads/Prod"]);
    assert_eq!(seen.units[2].parent_id, "ou-ab12-work0000");
    let [one, two] = &seen.accounts[..] else { panic!("{:?}", seen.accounts) };
    assert_eq!((one.path.as_deref(), one.key()), (Some("Workloads/Prod"), Some("pay")));
    assert_eq!(one.managed_by(), Some("us"));
    assert_eq!((two.path.as_deref(), two.key(), two.managed_by()), (Some(""), None, None));
    assert_eq!(cloud.count("ListTagsForResource"), 0);
    assert_eq!(cloud.count("ListOrganizationalUnitsForParent"), 4);
}

#[tokio::test]
async fn what_the_index_lacks_is_asked_for_where_it_matters() {
    let cloud = cloud();
    let known = BTreeSet::from(["100000000002".to_owned()]);
    survey(&cloud, Want::Tags(known)).await;
    assert_eq!(cloud.count("ListTagsForResource"), 1);

    cloud.world().tag_index = false;
    let seen = survey(&cloud, Want::Tags(BTreeSet::new())).await;
    assert_eq!(cloud.count("ListTagsForResource"), 3);
    assert_eq!(seen.accounts[0].key(), Some("pay"));
}

#[tokio::test]
async fn what_is_not_wanted_is_not_asked() {
    let cloud = cloud();
    assert!(survey(&cloud, Want::Tree).await.accounts.is_empty());
    assert_eq!(cloud.count("ListAccounts"), 0);
    let seen = survey(&cloud, Want::Accounts).await;
    assert!(seen.accounts.iter().all(|of| of.tags.is_none()));
    assert_eq!(cloud.count("GetResources"), 0);
}
