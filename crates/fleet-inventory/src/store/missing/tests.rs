use std::fs;

use super::*;
use crate::store::tests::{account, cluster, key, store};

/// What `c0`, `c1` … come to, one after the other: `.` some, `!` most, ` ` told.
fn told(store: &Store, missing: usize) -> String {
    let come = |of: usize| match store.miss(Kind::Cluster, &key(&format!("c{of}")), Some("us")) {
        Missing::Some => '.',
        Missing::Most { .. } => '!',
        Missing::Told => ' ',
    };
    (0..missing).map(come).collect()
}

#[test]
fn most_are_missing_when_more_are_missing_than_are_there() {
    let (_directory, none) = store();
    assert_eq!(told(&none, 4), "!   ");
    // Files of others say nothing.
    let (_directory, theirs) = store();
    theirs.put_cluster_unseen(&cluster("a", "them")).unwrap();
    assert_eq!(told(&theirs, 2), "! ");

    let (_directory, some) = store();
    some.put_account_unseen(&account("a", true, &[])).unwrap();
    some.put_cluster_unseen(&cluster("b", "us")).unwrap();
    assert_eq!(told(&some, 5), "..!  ");
    // One that is asked for again is still one.
    let (_directory, again) = store();
    again.put_cluster_unseen(&cluster("b", "us")).unwrap();
    assert_eq!(
        (told(&again, 1), told(&again, 1), told(&again, 2)),
        (".".into(), ".".into(), ".!".into())
    );
}

#[test]
fn where_it_cannot_be_counted_each_file_stands_for_itself() {
    let (_directory, store) = store();
    assert_eq!(store.miss(Kind::Account, &key("a"), None), Missing::Some);
    fs::create_dir(store.path().join("clusters")).unwrap();
    fs::write(store.path().join("clusters/broken.yaml"), "[").unwrap();
    assert_eq!(told(&store, 3), "...");
}

#[test]
fn what_is_missing_is_named_in_part() {
    let (_directory, store) = store();
    for name in ["b", "c"] {
        store.put_cluster_unseen(&cluster(name, "us")).unwrap();
    }
    store.put_account_unseen(&account("a", true, &[])).unwrap();
    told(&store, 3);
    let most = store.miss(Kind::Account, &key("pay"), Some("us"));
    let missing = ["accounts/pay.yaml", "clusters/c0.yaml", "clusters/c1.yaml"].map(str::to_owned);
    assert_eq!(most, Missing::Most { missing: missing.into(), there: 3 });
}
