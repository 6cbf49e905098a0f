//! The data source against a real directory.

use fleet_model::cluster::Record;
use fleet_model::inventory::{About, ClusterDocument};

use fleet_model::snapshot::Snapshot;

use super::*;
use crate::inventory::Seen;

fn asked(clusters: bool) -> Model {
    Model {
        path: Attr::Null,
        include_clusters: Attr::Known(clusters),
        include_accounts: Attr::Null,
        snapshot: Attr::Null,
        cluster_count: Attr::Null,
        account_count: Attr::Null,
        clusters: Attr::Null,
        accounts: Attr::Null,
    }
}

#[test]
fn a_snapshot_that_cannot_be_made_says_why() {
    let told = [snapshot::Error::TooLarge, snapshot::Error::NotASnapshot].map(|of| unmade(&of));
    insta::assert_snapshot!(crate::diagnostic::plain(&told.into_iter().collect()));
}

fn fleet() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let record = r#"{"name":"pay-01","account":"pay","environment":"prod","region":"ap-southeast-1","cloud":"aws","data_classification":"pci","taints":[{"key":"a","effect":"NoSelect"},{"key":"b","value":"c","effect":"NoSelectIfNew"}]}"#;
    let document = ClusterDocument {
        serial: 0,
        managed_by: "us".into(),
        cluster: Record::parse(record).unwrap(),
        about: About { owner: Some("team".into()), ..About::default() },
    };
    let store = Store::open(directory.path()).unwrap();
    store.put_cluster(&document, &Seen::default()).unwrap();
    (directory, store)
}

#[test]
fn a_new_fleet_is_empty_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let model = read(asked(false), &store).unwrap();
    assert_eq!((model.cluster_count, model.account_count), (Attr::Known(0), Attr::Known(0)));
    let snapshot = Snapshot::decode(model.snapshot.known().unwrap()).unwrap();
    assert!(snapshot.clusters.is_empty());
    assert_eq!(Attr::Known(snapshot.store), model.path);
    assert!(model.clusters.is_null() && model.accounts.is_null());
}

#[test]
fn the_snapshot_names_the_store_and_joins_admission() {
    let (directory, store) = fleet();
    let model = read(asked(false), &store).unwrap();
    assert_eq!(model.cluster_count, Attr::Known(1));
    let snapshot = Snapshot::decode(model.snapshot.known().unwrap()).unwrap();
    assert_eq!(snapshot.store, directory.path().to_str().unwrap());
    let cluster = snapshot.clusters.values().next().unwrap();
    assert!(!cluster.admitted && !cluster.planned);
    assert_eq!(cluster.open_checks, ["no file accounts/pay.yaml"]);
}

#[test]
fn clusters_are_described_on_request() {
    let (_directory, store) = fleet();
    let model = read(asked(true), &store).unwrap();
    let clusters = model.clusters.into_known().unwrap();
    let cluster = &clusters["pay-01"];
    assert_eq!(cluster.owner, Attr::Known("team".into()));
    assert_eq!(cluster.admitted, Attr::Known(false));
    let taints = ["a:NoSelect".to_owned(), "b=c:NoSelectIfNew".to_owned()];
    assert_eq!(cluster.taints, Attr::Known(taints.into()));
}

#[test]
fn an_unknown_path_and_an_unconfigured_provider_are_errors() {
    let source = InventoryData::new(Arc::new(Runtime::default()));
    assert!(source.store(&Attr::Unknown).unwrap_err().detail.contains("FLEET0316"));
    assert!(source.store(&Attr::Null).unwrap_err().detail.contains("FLEET0003"));
    let missing = source.store(&Attr::Known("/nonexistent/fleet".into())).unwrap_err();
    assert!(missing.detail.contains("FLEET0301"));
    assert!(missing.detail.contains("mkdir -p /nonexistent/fleet"));
}
