use fleet_model::inventory::{About, ClusterDocument};
use fleet_model::name::Name;

use super::super::contract::contract;
use super::super::tests::planned;
use super::*;
use crate::inventory::Seen;

const US: &str = "platform";

fn record(name: &str, account: &str, state: &str) -> Record {
    serde_json::from_value(serde_json::json!({
        "name": name, "account": account, "environment": "prod", "region": "ap-southeast-1",
        "cloud": "aws", "data_classification": "pci", "zones": [], "labels": {}, "taints": [],
        "schedulable": true, "lifecycle_state": state,
    }))
    .unwrap()
}

/// An inventory with these clusters, each with its manager.
fn fleet(clusters: &[(Record, &str)]) -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    for (cluster, managed_by) in clusters {
        let document = ClusterDocument {
            serial: 0,
            managed_by: (*managed_by).to_owned(),
            cluster: cluster.clone(),
            about: About::default(),
        };
        store.put_cluster(&document, &Seen::default()).unwrap();
    }
    (directory, store)
}

/// The account as it is: prod, pci, in one region.
fn agreed() -> Contract {
    contract(&planned()).unwrap()
}

fn summaries(told: &Diagnostics) -> Vec<String> {
    told.iter()
        .map(|of| format!("{:?} {}", of.path.as_ref().unwrap().to_string(), of.detail))
        .collect()
}

fn terms<'a>(contract: &'a Contract, registrars: Option<&'a BTreeSet<String>>) -> Terms<'a> {
    Terms { contract, registrars }
}

#[test]
fn each_word_of_the_contract_that_leaves_a_cluster_behind_is_told() {
    let (_directory, store) = fleet(&[
        (record("c-a", "payments-prod", "active"), "team/clusters"),
        (record("c-b", "payments-prod", "retired"), "team/clusters"),
        (record("c-c", "other", "active"), "team/clusters"),
    ]);
    let was = agreed();
    type Edit = fn(&mut Contract);
    let edits: [(&str, Edit); 3] = [
        ("environment", |of| of.environment = Name::new("dev").unwrap()),
        ("data_classification", |of| of.data_classification = Name::new("public").unwrap()),
        ("region_set", |of| of.region_set = ["eu-west-1".to_owned()].into()),
    ];
    let list = BTreeSet::from([US.to_owned(), "team/clusters".to_owned()]);
    let list = Some(&list);
    for (argument, edit) in edits {
        let mut contract = was.clone();
        edit(&mut contract);
        let old = terms(&was, list);
        let told = told(US, terms(&contract, list), old, &store, &BTreeMap::new());
        let told = summaries(&told);
        let [one] = told.as_slice() else { panic!("{argument}: {told:?}") };
        assert!(one.starts_with(&format!("{argument:?}")) && one.contains("`c-a`"), "{one}");
        assert!(!one.contains("`c-b`") && !one.contains("`c-c`"), "{one}");
        // What did not fit before is no news.
        let old = terms(&contract, list);
        let again = super::told(US, terms(&contract, list), old, &store, &BTreeMap::new());
        assert!(again.is_empty(), "{again:?}");
    }
    let mut contract = was.clone();
    contract.region_set.insert("eu-west-1".to_owned());
    assert!(!terms(&was, list).asks_the_same(&terms(&contract, list)));
    assert!(!terms(&was, list).asks_the_same(&terms(&was, None)));
    let owner = Contract { owner: Name::new("other").unwrap(), ..was.clone() };
    assert!(terms(&was, list).asks_the_same(&terms(&owner, list)));
    let old = terms(&was, list);
    assert!(told(US, terms(&contract, list), old, &store, &BTreeMap::new()).is_empty());
}

#[test]
fn what_this_run_plans_of_a_cluster_counts() {
    let (_directory, store) = fleet(&[(record("c-a", "payments-prod", "active"), US)]);
    let was = agreed();
    let contract = Contract { environment: Name::new("dev").unwrap(), ..was.clone() };
    let count = |planned: &[Record]| {
        let planned = planned.iter().map(|of| (of.name.clone(), of.clone())).collect();
        told(US, terms(&contract, None), terms(&was, None), &store, &planned).iter().count()
    };
    let mut changed = record("c-a", "payments-prod", "active");
    assert_eq!(count(&[]), 1);
    // It is refused, as an error.
    assert_eq!(count(&[changed.clone()]), 0);
    changed.environment = "dev".to_owned();
    assert_eq!(count(&[changed]), 0);
    assert_eq!(count(&[record("c-a", "payments-prod", "retired")]), 0);
    assert_eq!(count(&[record("c-a", "other", "active")]), 0);
}

#[test]
fn the_clusters_are_named_with_who_registers_them() {
    let (_directory, store) = fleet(&[
        (record("c-a", "payments-prod", "active"), "team/clusters"),
        (record("c-b", "payments-prod", "active"), US),
    ]);
    let was = agreed();
    let both = BTreeSet::from([US.to_owned(), "team/clusters".to_owned()]);
    let mut contract = Contract { environment: Name::new("dev").unwrap(), ..was.clone() };
    contract.region_set = ["eu-west-1".to_owned()].into();
    let old = terms(&was, Some(&both));
    let told = told(US, terms(&contract, None), old, &store, &BTreeMap::new());
    let texts = told
        .iter()
        .map(|of| format!("{} [{}]\n\n{}", of.summary, of.path.as_ref().unwrap(), of.detail));
    insta::assert_snapshot!(texts.collect::<Vec<_>>().join("\n\n---\n\n"));
}
