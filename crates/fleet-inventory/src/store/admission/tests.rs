use fleet_model::lifecycle::LifecyclePhase;

use super::*;
use crate::Stores;
use crate::store::tests::{account, cluster, key, store};

#[test]
fn every_reader_takes_a_contradiction_for_not_ready() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let contradicting =
        AccountDocument { lifecycle_phase: LifecyclePhase::Frozen, ..account("pay", true, &[]) };
    store.put_account_unseen(&contradicting).unwrap();
    let why = "the file says `ready: true` and lifecycle_phase frozen";
    let one = store.admission(&cluster("pay-01", "us").cluster, Some("us")).unwrap();
    assert_eq!((one.admitted, one.open_checks.as_slice()), (false, &[why.to_owned()][..]));
    let snapshot = store.snapshot().unwrap();
    let cluster = &snapshot.clusters[&key("pay-01")];
    assert_eq!((cluster.admitted, cluster.open_checks.as_slice()), (false, &[why.to_owned()][..]));
}

#[test]
fn a_file_of_a_cluster_that_does_not_fit_its_account_admits_nothing() {
    let (_directory, store) = store();
    let mut misfit = cluster("pay-01", "us");
    misfit.cluster.environment = "dev".into();
    store.put_cluster_unseen(&misfit).unwrap();
    store.put_account_unseen(&account("pay", true, &[])).unwrap();
    let snapshot = store.snapshot().unwrap();
    let cluster = &snapshot.clusters[&key("pay-01")];
    assert_eq!(cluster.open_checks, ["environment dev is not the account's (prod)"]);
    assert!(!cluster.admitted);
}

/// A file beside that names another manager's account admits nothing, and neither does a list without its manager.
#[test]
fn a_cluster_of_no_registrar_is_not_admitted() {
    let (_directory, store) = store();
    store.put_account_unseen(&account("pay", true, &[])).unwrap();
    let theirs = cluster("pay-01", "them");
    store.put_cluster_unseen(&theirs).unwrap();
    let open = "them is not one of the account's registrars (us)";
    let admission = store.admission(&theirs.cluster, Some("them")).unwrap();
    assert_eq!((admission.admitted, admission.open_checks.join(",").as_str()), (false, open));
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.clusters[&key("pay-01")].open_checks, [open]);
    // The account itself is ready.
    assert_eq!(snapshot.accounts[&key("pay")], [""; 0]);
    let registrars = Some(["them".to_owned()].into());
    store.put_account_unseen(&AccountDocument { registrars, ..account("pay", true, &[]) }).unwrap();
    assert!(store.snapshot().unwrap().clusters[&key("pay-01")].admitted);
}

/// So that the first cluster on it is judged like the second.
#[test]
fn a_snapshot_knows_accounts_without_clusters() {
    let (_directory, store) = store();
    store.put_account_unseen(&account("pay", true, &[])).unwrap();
    let shop = account("shop", false, &["regions"]);
    store.put_account_unseen(&AccountDocument { id: "210987654321".into(), ..shop }).unwrap();
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.accounts[&key("pay")], [""; 0]);
    assert_eq!(snapshot.accounts[&key("shop")], ["regions"]);
    assert_eq!(snapshot.serials.accounts[&key("shop")], 1);
}

#[test]
fn admission_is_the_accounts_readiness_now() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let admitted = |store: &Store| {
        let snapshot = store.snapshot().unwrap();
        let cluster = snapshot.clusters.values().next().unwrap().clone();
        let one = store.admission(&cluster.record, Some("us")).unwrap();
        assert_eq!((one.admitted, &one.open_checks), (cluster.admitted, &cluster.open_checks));
        (cluster.admitted, cluster.open_checks.join(", "))
    };
    assert_eq!(admitted(&store), (false, "no file accounts/pay.yaml".into()));
    store.put_account_unseen(&account("pay", false, &[])).unwrap();
    assert_eq!(admitted(&store), (false, "phase accessible".into()));
    store.put_account_unseen(&account("pay", false, &["b", "a"])).unwrap();
    assert_eq!(admitted(&store), (false, "a, b".into()));
    store.put_account_unseen(&account("pay", true, &[])).unwrap();
    assert_eq!(admitted(&store), (true, String::new()));
    // It never latches.
    store.put_account_unseen(&account("pay", false, &["a"])).unwrap();
    assert_eq!(admitted(&store), (false, "a".into()));
}

/// What a run found at AWS holds for whoever asks, also for a snapshot that was made before.
#[test]
fn an_account_that_a_run_refuted_is_ready_for_nobody() {
    let (directory, _) = store();
    let stores = Stores::default();
    let first = stores.open(directory.path()).unwrap();
    let second = stores.open(&directory.path().join(".")).unwrap();
    first.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    first.put_account_unseen(&account("pay", true, &[])).unwrap();
    let admitted = |store: &Store| store.snapshot().unwrap().clusters[&key("pay-01")].clone();
    assert!(admitted(&first).admitted && admitted(&second).admitted);
    first.refute(&key("pay"), "the account left".into());
    for store in [&first, &second] {
        let cluster = admitted(store);
        assert_eq!(
            (cluster.admitted, cluster.open_checks.join(",")),
            (false, "the account left".into())
        );
        assert!(!store.admission(&cluster.record, Some("us")).unwrap().admitted);
        let joined =
            store.join(&store.accounts().unwrap(), store.clusters().unwrap().into_values());
        assert!(!joined.clusters[&key("pay-01")].admitted);
    }
}

#[test]
fn one_id_in_two_files_admits_nothing() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    store.put_account_unseen(&account("pay", true, &[])).unwrap();
    assert!(store.admission(&cluster("pay-01", "us").cluster, Some("us")).unwrap().admitted);
    store.put_account_unseen(&account("shop", true, &[])).unwrap();
    let why = "the file says `ready: true` and the id of the account shop, too";
    assert_eq!(
        store.admission(&cluster("pay-01", "us").cluster, Some("us")).unwrap().open_checks,
        [why]
    );
    assert_eq!(store.snapshot().unwrap().clusters[&key("pay-01")].open_checks, [why]);
    let mut on_shop = cluster("pay-01", "us").cluster;
    on_shop.account = key("shop");
    assert!(!store.admission(&on_shop, Some("us")).unwrap().admitted);
    let mut other = account("shop", true, &[]);
    other.id = "210987654321".into();
    store.put_account_unseen(&other).unwrap();
    assert!(store.admission(&cluster("pay-01", "us").cluster, Some("us")).unwrap().admitted);
    assert!(store.snapshot().unwrap().clusters[&key("pay-01")].admitted);
}
