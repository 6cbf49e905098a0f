//! Properties of encoding and overlay, and what bad input says.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use super::*;
use crate::cluster::{Effect, Particulars, Taint};
use crate::lifecycle::LifecycleState;

fn key() -> impl Strategy<Value = Key> {
    "[a-z0-9][a-z0-9._-]{0,10}[a-z0-9]".prop_filter_map("no device", |text| Key::new(text).ok())
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,12}"
}

fn taint() -> impl Strategy<Value = Taint> {
    let effect = prop_oneof![
        Just(Effect::NoSelect),
        Just(Effect::PreferNoSelect),
        Just(Effect::NoSelectIfNew)
    ];
    ("[a-z]{1,5}", "[a-z]{0,3}", effect).prop_map(|(key, value, effect)| Taint {
        key,
        value,
        effect,
    })
}

fn particulars() -> impl Strategy<Value = Option<Particulars>> {
    let text = || proptest::option::of("[a-z/]{1,6}");
    let version = proptest::option::of("1\\.[1-9]{1,2}(\\.[1-9]-eks-1)?");
    proptest::option::of(("[a-z/]{1,6}", text(), version).prop_map(
        |(managed_by, owner, kubernetes_version)| Particulars {
            managed_by,
            owner,
            kubernetes_version,
        },
    ))
}

fn record() -> impl Strategy<Value = Record> {
    let words = (name(), name(), name(), name(), proptest::option::of(name()));
    let sets = (
        btree_set("[a-z0-9]{1,4}", 0..3),
        btree_map("[a-z]{1,4}", "(no|1e3|0777|true|[a-z]{0,4})", 0..4),
        btree_set(taint(), 0..3),
        proptest::option::of(btree_set("[a-z/]{1,4}", 0..3)),
    );
    (key(), key(), words, sets, any::<bool>(), any::<bool>(), particulars()).prop_map(
        |(name, account, words, sets, schedulable, retired, particulars)| Record {
            name,
            account,
            environment: words.0,
            region: words.1,
            cloud: words.2,
            data_classification: words.3,
            tier: words.4,
            zones: sets.0,
            labels: sets.1,
            taints: sets.2,
            schedulable,
            lifecycle_state: if retired { LifecycleState::Retired } else { LifecycleState::Active },
            tenants: sets.3,
            particulars,
        },
    )
}

fn cluster() -> impl Strategy<Value = Cluster> {
    (record(), any::<bool>(), vec(".{0,12}", 0..3), any::<bool>()).prop_map(
        |(record, admitted, open_checks, planned)| Cluster {
            record,
            admitted,
            open_checks,
            planned,
        },
    )
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let accounts = btree_map(key(), (vec(".{0,12}", 0..3), any::<u64>(), any::<bool>()), 0..4);
    let clusters = vec((cluster(), any::<u64>(), any::<bool>()), 0..12);
    (clusters, ".{0,20}", accounts).prop_map(|(clusters, store, mut accounts)| {
        // Some clusters are on an account that is known, some are not.
        for (cluster, serial, edited) in clusters.iter().step_by(2) {
            let known = (cluster.open_checks.clone(), *serial, *edited);
            accounts.insert(cluster.record.account.clone(), known);
        }
        let mut snapshot = Snapshot { store, ..Snapshot::default() };
        let serials = &mut snapshot.serials;
        for (key, (open, serial, edited)) in accounts {
            snapshot.accounts.insert(key.clone(), open);
            serials.edited_accounts.extend(edited.then(|| key.clone()));
            serials.accounts.extend((serial > 0).then_some((key, serial)));
        }
        for (cluster, serial, edited) in clusters {
            let name = cluster.record.name.clone();
            snapshot.clusters.insert(name.clone(), cluster);
            serials.edited_clusters.extend(edited.then(|| name.clone()));
            serials.clusters.extend((serial > 0).then_some((name, serial)));
        }
        snapshot
    })
}

/// Records of distinct names that the overlay accepts.
fn records() -> impl Strategy<Value = Vec<Record>> {
    vec(record(), 0..8).prop_map(|records| {
        let distinct: BTreeMap<Key, Record> = records
            .into_iter()
            .filter(|record| record.problems().is_empty())
            .map(|record| (record.name.clone(), record))
            .collect();
        distinct.into_values().collect()
    })
}

fn json(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| record.to_canonical_json().unwrap()).collect()
}

fn laid(snapshot: &Snapshot, records: &[String]) -> Snapshot {
    overlay(snapshot, records.iter().map(String::as_str)).unwrap()
}

proptest! {
    // Each case packs at the best level, without optimisation.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn decode_returns_what_was_encoded(snapshot in snapshot()) {
        let text = snapshot.encode().unwrap();
        prop_assert_eq!(Snapshot::decode(&text).unwrap(), snapshot);
    }

    #[test]
    fn encoding_does_not_see_the_order_of_insertion(snapshot in snapshot()) {
        let backwards = Snapshot {
            clusters: snapshot.clusters.clone().into_iter().rev().collect(),
            store: snapshot.store.clone(),
            accounts: snapshot.accounts.clone().into_iter().rev().collect(),
            serials: snapshot.serials.clone(),
        };
        prop_assert_eq!(snapshot.encode().unwrap(), backwards.encode().unwrap());
    }

    #[test]
    fn different_snapshots_are_different_texts(a in snapshot(), b in snapshot()) {
        prop_assert_eq!(a == b, a.encode().unwrap() == b.encode().unwrap());
    }

    #[test]
    fn record_survives_its_json(record in record()) {
        let text = record.to_canonical_json().unwrap();
        prop_assert_eq!(Record::parse(&text).unwrap(), record);
    }

    #[test]
    fn overlay_twice_is_overlay_once(snapshot in snapshot(), records in records()) {
        let records = json(&records);
        let once = laid(&snapshot, &records);
        prop_assert_eq!(laid(&once, &records), once);
    }

    #[test]
    fn overlay_does_not_see_the_order_of_records(snapshot in snapshot(), records in records()) {
        let mut records = json(&records);
        let forwards = laid(&snapshot, &records);
        records.reverse();
        prop_assert_eq!(laid(&snapshot, &records), forwards);
    }

    #[test]
    fn overlay_changes_what_it_names_and_nothing_else(snapshot in snapshot(), records in records()) {
        let result = laid(&snapshot, &json(&records));
        prop_assert_eq!(&result.store, &snapshot.store);
        for record in &records {
            let cluster = &result.clusters[&record.name];
            let filed = snapshot.clusters.get(&record.name);
            let filed = filed.and_then(|filed| filed.record.particulars.clone());
            let particulars = record.particulars.clone().or(filed);
            prop_assert_eq!(&cluster.record, &Record { particulars, ..record.clone() });
            prop_assert!(cluster.planned);
            if let Some(open) = snapshot.accounts.get(&record.account) {
                prop_assert_eq!(cluster.admitted, open.is_empty());
                prop_assert_eq!(&cluster.open_checks, open);
            }
        }
        for (name, cluster) in &result.clusters {
            if !records.iter().any(|record| record.name == *name) {
                prop_assert_eq!(Some(cluster), snapshot.clusters.get(name));
            }
        }
        prop_assert!(snapshot.clusters.keys().all(|name| result.clusters.contains_key(name)));
    }
}

const PAY: &str = r#"{"name":"pay-01","account":"pay","environment":"prod","region":"ap-southeast-1","cloud":"aws","data_classification":"pci"}"#;

#[test]
fn canonical_json_is_golden() {
    insta::assert_snapshot!(
        Record::parse(PAY).unwrap().to_canonical_json().unwrap(),
        @r#"{"name":"pay-01","account":"pay","environment":"prod","region":"ap-southeast-1","cloud":"aws","data_classification":"pci","lifecycle_state":"active"}"#
    );
}

#[test]
fn null_removes_a_field() {
    let tiered = PAY.replacen('{', r#"{"tier":"tier-0","#, 1);
    let nulled = PAY.replacen('{', r#"{"tier":null,"#, 1);
    let before = laid(&Snapshot::default(), &[tiered]);
    let after = laid(&before, &[nulled]);
    let tier = |snapshot: &Snapshot| {
        snapshot.clusters.values().next().and_then(|cluster| cluster.record.tier.clone())
    };
    assert_eq!(tier(&before).as_deref(), Some("tier-0"));
    assert_eq!(tier(&after), None);
}

/// A record that says nothing of its particulars, as earlier versions wrote them, leaves them as they are.
#[test]
fn a_record_of_an_earlier_version_leaves_what_it_does_not_say() {
    let with =
        |particulars: &str| PAY.replacen('{', &format!("{{\"particulars\":{particulars},"), 1);
    let said = |snapshot: &Snapshot| {
        snapshot.clusters.values().next().and_then(|of| of.record.particulars.clone())
    };
    let first = laid(&Snapshot::default(), &[with(r#"{"managed_by":"us","owner":"pay"}"#)]);
    let then = laid(&first, &[PAY.replace("\"pci\"", "\"internal\"")]);
    assert_eq!(said(&then), said(&first));
    let now = laid(&then, &[with(r#"{"managed_by":"us","kubernetes_version":"1.32"}"#)]);
    let expected = Particulars {
        managed_by: "us".into(),
        owner: None,
        kubernetes_version: Some("1.32".into()),
    };
    assert_eq!(said(&now), Some(expected));
    assert_eq!(said(&laid(&Snapshot::default(), &[PAY.to_owned()])), None);
}

/// As version 3 wrote it, with one cluster.
#[test]
fn a_snapshot_of_version_3_is_read() {
    let columns = r#"{"store":"fleet","accounts":["pay"],"account_open":[[]],"account_serial":[1],"name":["pay-01"],"serial":[2],"account":[0],"environment":["prod"],"region":["ap-southeast-1"],"cloud":["aws"],"zones":[[]],"tier":[null],"data_classification":["pci"],"labels":[{}],"taints":[[]],"schedulable":[true],"lifecycle_state":["active"],"admitted":[true],"open_checks":[[]],"planned":[false]}"#;
    let old = packed(columns.as_bytes()).replace(":4:", ":3:");
    let read = Snapshot::decode(&old).unwrap();
    assert_eq!(read.clusters.values().next().unwrap().record, Record::parse(PAY).unwrap());
    assert_eq!(Snapshot::decode(&read.encode().unwrap()).unwrap(), read);
    // In the version of today it lacks columns.
    assert!(Snapshot::decode(&packed(columns.as_bytes())).is_err());
}

#[test]
fn an_empty_fleet_is_a_snapshot_too() {
    let empty = Snapshot { store: "fleet".into(), ..Snapshot::default() };
    let text = empty.encode().unwrap();
    assert!(text.starts_with("fleet-snapshot:4:"), "{text}");
    assert_eq!(Snapshot::decode(&text).unwrap(), empty);
}

/// Whatever the store knew of the cluster, what counts is what it knows of the account in the record.
#[test]
fn a_record_is_admitted_by_the_account_that_it_names() {
    let other = PAY.replace(r#""account":"pay""#, r#""account":"shop""#);
    let open = vec!["password-policy".to_owned()];
    let accounts =
        |pay: Option<&[String]>, shop: Option<&[String]>| -> BTreeMap<Key, Vec<String>> {
            let of =
                |key: &str, open: Option<&[String]>| Some((Key::new(key).unwrap(), open?.to_vec()));
            [of("pay", pay), of("shop", shop)].into_iter().flatten().collect()
        };
    let gate = |accounts: BTreeMap<Key, Vec<String>>, before: Option<&str>, record: &str| {
        let mut store = Snapshot { accounts, ..Snapshot::default() };
        if let Some(before) = before {
            let record = Record::parse(before).unwrap();
            let known = store.accounts.get(&record.account).cloned();
            let open_checks = known.unwrap_or_else(|| vec!["no file".into()]);
            let admitted = open_checks.is_empty();
            let of = Cluster { record, admitted, open_checks, planned: false };
            store.clusters.insert(of.record.name.clone(), of);
        }
        let laid = laid(&store, &[record.to_owned()]);
        let cluster = laid.clusters.values().next().unwrap();
        (cluster.admitted, cluster.open_checks.clone())
    };
    let (ready, waits, coming) = ((true, vec![]), (false, open.clone()), (false, vec![]));
    let no_file = (false, vec!["no file".to_owned()]);
    for (accounts, before, record, expected) in [
        // The first plan with a cluster on an account that is there.
        (accounts(Some(&[]), None), None, PAY, &ready),
        (accounts(Some(&open), None), None, PAY, &waits),
        (accounts(None, None), None, PAY, &coming),
        // A cluster moves to another account.
        (accounts(Some(&[]), Some(&open)), Some(PAY), other.as_str(), &waits),
        (accounts(Some(&open), Some(&[])), Some(PAY), other.as_str(), &ready),
        (accounts(Some(&[]), None), Some(PAY), other.as_str(), &coming),
        // It stays, on an account without a file.
        (accounts(None, None), Some(PAY), PAY, &no_file),
    ] {
        assert_eq!(
            gate(accounts.clone(), before, record),
            *expected,
            "{accounts:?} {before:?} {record}"
        );
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

#[test]
fn what_is_no_snapshot_says_so() {
    let good = laid(&Snapshot::default(), &[PAY.to_owned()]).encode().unwrap();
    // Four characters of base64 are three bytes, so what is left is base64 all the same.
    let cut = good.split_at("fleet-snapshot:4:".len() + 40).0.to_owned();
    let cases = [
        String::new(),
        "{}".into(),
        "fleet-snapshot:".into(),
        "fleet-snapshot:0:abc".into(),
        "fleet-snapshot:2:abc".into(),
        "fleet-snapshot:7:abc".into(),
        "fleet-snapshot:4:*".into(),
        "fleet-snapshot:4:YWJj".into(),
        cut,
    ];
    let said: Vec<String> =
        cases.iter().map(|case| chain(&Snapshot::decode(case).unwrap_err())).collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// The text of columns that nobody checked.
fn packed(columns: &[u8]) -> String {
    use base64::Engine;
    use std::io::Write;
    let mut pack = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    pack.write_all(columns).unwrap();
    let body = base64::engine::general_purpose::STANDARD_NO_PAD.encode(pack.finish().unwrap());
    format!("{PREFIX}4:{body}")
}

#[test]
fn a_small_text_that_unpacks_to_a_large_one_is_refused() {
    let text = packed(&vec![b' '; (64 << 20) + 1]);
    assert!(text.len() < 1 << 20, "{}", text.len());
    assert!(matches!(Snapshot::decode(&text), Err(Error::TooLarge)));
}

#[test]
fn a_fact_that_no_configuration_could_write_is_refused() {
    for region in ["", "eu\n-west-1", "\u{1b}[31m"] {
        let mut fleet = laid(&Snapshot::default(), &[PAY.to_owned()]);
        fleet.clusters.values_mut().next().unwrap().record.region = region.into();
        let refused = Snapshot::decode(&fleet.encode().unwrap()).unwrap_err();
        assert!(matches!(refused, Error::Fact { .. }), "{region:?}: {refused}");
    }
}

#[test]
fn bad_records_are_named_by_index() {
    let other = PAY.replace("pay-01", "pay-02");
    let cases = [
        vec![PAY.to_owned(), "not json".into()],
        vec!["[]".into()],
        vec!["{}".into()],
        vec![PAY.replace("cloud", "clud")],
        vec![PAY.to_owned(), PAY.replace("\"prod\"", "\"Prod\"")],
        vec![PAY.replacen('{', r#"{"labels":{"fleet/x":"1"},"#, 1)],
        vec![PAY.replace("pay-01", "pay.observed")],
        vec![PAY.replace("\"pay\"", "\"con\"")],
        vec![PAY.replacen('{', r#"{"particulars":{"managed_by":"us","owner":"a\nb"},"#, 1)],
        vec![PAY.replacen(
            '{',
            r#"{"particulars":{"managed_by":"us","kubernetes_version":"v1"},"#,
            1,
        )],
        vec![PAY.replacen('{', r#"{"particulars":{"owner":"pay"},"#, 1)],
        vec![PAY.replacen('{', r#"{"tenants":["us",""],"#, 1)],
        vec![PAY.to_owned(), other, PAY.to_owned()],
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|records| {
            let texts = records.iter().map(String::as_str);
            let error = overlay(&Snapshot::default(), texts).unwrap_err();
            format!("{} <- {}", error.index(), chain(&error))
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// Ten thousand made-up clusters of a fleet that repeats itself about as much as real ones do.
fn large_fleet() -> Snapshot {
    let regions = ["ap-southeast-1", "ap-southeast-3", "ap-northeast-1", "eu-west-1"];
    let environments = ["prod", "staging", "test", "dev"];
    let clusters = (0..10_000_usize).map(|index| {
        let region = regions[index / 7 % regions.len()];
        let environment = environments[index / 3 % environments.len()];
        let team = format!("team-{}", index * 7919 % 211);
        let name = Key::new(format!("{environment}-{region}-{team}-{index:05}")).unwrap();
        let record = Record {
            name: name.clone(),
            account: Key::new(format!("{team}-{environment}")).unwrap(),
            environment: environment.into(),
            region: region.into(),
            cloud: "aws".into(),
            zones: ["a", "b", "c"].into_iter().map(|zone| format!("{region}{zone}")).collect(),
            tier: Some(format!("tier-{}", index * 31 % 4)),
            data_classification: ["internal", "pci", "public"][index * 17 % 3].into(),
            labels: BTreeMap::from([
                ("team".into(), team.clone()),
                ("ingress".into(), ["private", "public"][index % 2].into()),
                ("cost".into(), ["low", "high"][index * 13 / 5 % 2].into()),
            ]),
            taints: BTreeSet::new(),
            schedulable: index % 50 != 0,
            lifecycle_state: LifecycleState::Active,
            tenants: None,
            particulars: Some(Particulars {
                managed_by: format!("platform/clusters-{environment}"),
                owner: Some(team.clone()),
                kubernetes_version: Some(format!("1.{}", 30 + index * 13 % 4)),
            }),
        };
        let admitted = index % 40 != 0;
        let open_checks = if admitted { Vec::new() } else { vec!["password-policy".into()] };
        (name, Cluster { record, admitted, open_checks, planned: false })
    });
    let clusters: BTreeMap<Key, Cluster> = clusters.collect();
    let accounts = clusters.values().map(|c| (c.record.account.clone(), c.open_checks.clone()));
    let accounts: BTreeMap<Key, Vec<String>> = accounts.collect();
    let serial = |(index, key): (usize, &Key)| (key.clone(), (index * 7919 % 97 + 1) as u64);
    let serials = Serials {
        clusters: clusters.keys().enumerate().map(serial).collect(),
        accounts: accounts.keys().enumerate().map(serial).collect(),
        ..Serials::default()
    };
    Snapshot { clusters, store: "fleet".into(), accounts, serials }
}

#[test]
fn a_large_fleet_stays_small() {
    let fleet = large_fleet();
    let bytes = fleet.encode().unwrap().len();
    let records: usize =
        fleet.clusters.values().map(|c| c.record.to_canonical_json().unwrap().len()).sum();
    println!("{:.1} bytes a cluster, of {:.1}", bytes as f64 / 1e4, records as f64 / 1e4);
    // 25 ns per byte and placement go through core; a quarter of a megabyte is the budget.
    assert!(bytes < 250_000, "{bytes} bytes for 10,000 clusters");
}
