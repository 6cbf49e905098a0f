//! The store against a real directory.

use fleet_model::account::{AccountClass, BaselinePolicy, BaselineVersion, Contract};
use fleet_model::cluster::Record;
use fleet_model::inventory::{About, MAX_SERIAL};
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::Name;
use fleet_model::readiness::Verdict;
use std::fs;
use std::io;

use super::*;
use crate::decode;
use crate::document::WRITER;
use crate::file::{self, write};

/// As another run writes that has seen nothing. The SHA-256 of the file's bytes.
impl Store {
    pub(crate) fn touched(&self) -> &Touched {
        &self.known.touched
    }

    pub(crate) fn put_account_unseen(&self, document: &AccountDocument) -> Result<String, Error> {
        self.put(document, &Seen::default()).map(|(sha256, _)| sha256)
    }

    pub(crate) fn put_cluster_unseen(&self, document: &ClusterDocument) -> Result<String, Error> {
        self.put(document, &Seen::default()).map(|(sha256, _)| sha256)
    }
}

pub(crate) fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

pub(crate) fn cluster(name: &str, managed_by: &str) -> ClusterDocument {
    let record = format!(
        r#"{{"name":"{name}","account":"pay","environment":"prod","region":"ap-southeast-1","cloud":"aws","data_classification":"pci"}}"#
    );
    ClusterDocument {
        serial: 0,
        managed_by: managed_by.into(),
        cluster: Record::parse(&record).unwrap(),
        about: About::default(),
    }
}

pub(crate) fn account(name: &str, ready: bool, open: &[&str]) -> AccountDocument {
    let word = |text: &str| Name::new(text).unwrap();
    AccountDocument {
        serial: 0,
        registrars: None,
        managed_by: "us".into(),
        id: "123456789012".into(),
        contract: Contract {
            vendor: None,
            key: key(name),
            name: name.into(),
            email: "a@example.com".into(),
            account_class: AccountClass::Sandbox,
            environment: word("prod"),
            owner: word("team"),
            data_classification: word("pci"),
            region_set: BTreeSet::new(),
            network_profile: word("private"),
            baseline_policy: BaselinePolicy::Sandbox,
            baseline_version: BaselineVersion::default(),
            budget_owner: word("team"),
            gitops_enabled: false,
            controls: BTreeMap::new(),
            identity: None,
            role_name: "r".into(),
        },
        phase: if ready { "ready" } else { "accessible" }.into(),
        lifecycle_phase: LifecyclePhase::Active,
        closed_at: None,
        ready,
        digest: "d".into(),
        verdicts: [("password-policy".to_owned(), Verdict::Pass)].into(),
        open_checks: open.iter().map(|check| ((*check).to_owned(), "x".to_owned())).collect(),
        prior_settings: BTreeMap::new(),
        arguments: fleet_model::inventory::Arguments::default(),
        edited: false,
    }
}

pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    (directory, store)
}

/// A store of another process on the same directory: it has asserted nothing.
fn again(store: &Store) -> Store {
    Store::open(store.path()).unwrap()
}

#[test]
fn a_missing_directory_is_no_empty_fleet() {
    let (directory, store) = store();
    let missing = directory.path().join("missing");
    assert!(matches!(Store::open(&missing), Err(Error::NoDirectory { path }) if path == missing));
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(Store::open(&file), Err(Error::NoDirectory { .. })));

    // Also when it goes away later.
    directory.close().unwrap();
    assert!(matches!(store.clusters(), Err(Error::NoDirectory { .. })));
    assert!(matches!(store.cluster(&key("a")), Err(Error::NoDirectory { .. })));
    assert!(matches!(
        store.put_cluster_unseen(&cluster("a", "us")),
        Err(Error::NoDirectory { .. })
    ));
}

#[test]
fn a_directory_without_folders_is_a_new_fleet() {
    let (_directory, store) = store();
    assert!(store.accounts().unwrap().is_empty());
    assert!(store.snapshot().unwrap().clusters.is_empty());
    assert_eq!(store.cluster(&key("a")).unwrap(), None);
}

#[test]
fn what_is_put_is_found_with_the_digest_of_its_file() {
    let (_directory, store) = store();
    let document = cluster("pay-01", "us");
    let sha256 = store.put_cluster_unseen(&document).unwrap();
    assert_eq!(store.cluster_sha256(&document, &Seen::default()).unwrap(), sha256);
    let bytes = fs::read(store.path().join("clusters/pay-01.yaml")).unwrap();
    assert_eq!(sha256_hex(&bytes), sha256);
    let found = store.cluster(&key("pay-01")).unwrap().unwrap();
    assert_eq!(found.document, ClusterDocument { serial: 1, ..document });
    assert_eq!((found.sha256, found.is_as_written), (sha256, true));
    assert_eq!(found.beside.written_by.as_deref(), Some(WRITER));
    assert_eq!(store.clusters().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn files_can_be_read_by_everybody_and_nothing_else_is_left() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let mut changed = cluster("pay-01", "us");
    changed.about.owner = Some("team".into());
    store.put_cluster_unseen(&changed).unwrap();
    let entries: Vec<_> = fs::read_dir(store.path().join("clusters"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), entry.metadata().unwrap().permissions().mode() & 0o777))
        .collect();
    assert_eq!(entries, [("pay-01.yaml".into(), 0o644)]);
}

#[test]
fn an_unchanged_file_is_not_written_again() {
    let (_directory, store) = store();
    let document = cluster("pay-01", "us");
    store.put_cluster_unseen(&document).unwrap();
    let path = store.path().join("clusters/pay-01.yaml");
    // A rename would give the name another file: this handle's link count tells.
    let link = store.path().join("link");
    fs::hard_link(&path, &link).unwrap();
    store.put_cluster_unseen(&document).unwrap();
    fs::write(&link, "seen through the link").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "seen through the link");
}

#[test]
fn a_second_manager_is_refused_by_name() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "them")).unwrap();
    let path = store.path().join("clusters/pay-01.yaml");
    let before = fs::read(&path).unwrap();
    let error = store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap_err();
    assert!(matches!(error, Error::OtherManager { managed_by, .. } if managed_by == "them"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_not_ours_is_never_overwritten() {
    let (_directory, store) = store();
    let folder = store.path().join("clusters");
    fs::create_dir(&folder).unwrap();
    for content in [b"kind: Deployment\n".as_slice(), b"", b"\xff\xfe", b"<<<<<<< HEAD\n"] {
        let path = folder.join("pay-01.yaml");
        fs::write(&path, content).unwrap();
        assert!(store.put_cluster_unseen(&cluster("pay-01", "us")).is_err());
        assert!(store.delete_cluster(&key("pay-01"), "us").is_err());
        assert!(store.snapshot().is_err());
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[test]
fn a_file_that_came_meanwhile_is_not_overwritten() {
    let (_directory, store) = store();
    let path = store.path().join("clusters/a.yaml");
    write::whole(&path, b"first", write::Over::Nothing).unwrap();
    let error = write::whole(&path, b"second", write::Over::Nothing).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"first");
    write::whole(&path, b"third", write::Over::Ours).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"third");
}

#[test]
fn a_copied_file_is_seen_as_misplaced() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let folder = store.path().join("clusters");
    fs::copy(folder.join("pay-01.yaml"), folder.join("pay-02.yaml")).unwrap();
    let error = store.clusters().unwrap_err();
    assert!(matches!(error, Error::Misplaced { says, .. } if says == "pay-01"));
}

#[test]
fn other_files_do_not_disturb_and_bad_names_do() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let folder = store.path().join("clusters");
    for name in [".gitkeep", ".pay.yaml.swp", "pay-01.observed.yaml", ".x.yaml", ".fleet-a.tmp"] {
        fs::write(folder.join(name), "anything").unwrap();
    }
    assert_eq!(store.clusters().unwrap().len(), 1);
    fs::write(folder.join("Pay 02.yaml"), "anything").unwrap();
    assert!(matches!(store.clusters(), Err(Error::Name { .. })));
    fs::remove_file(folder.join("Pay 02.yaml")).unwrap();
    for name in ["pay-02.yml", "README.md", "pay-02.yaml.orig", "con.yaml", "nul.a.yaml"] {
        fs::write(folder.join(name), "anything").unwrap();
        let error = store.clusters().unwrap_err();
        assert!(matches!(error, Error::Foreign { .. } | Error::Name { .. }), "{name}: {error}");
        assert!(error.to_string().contains(name), "{error}");
        fs::remove_file(folder.join(name)).unwrap();
    }
    // Observed facts are of clusters: an account of this name would be in the state and nowhere else.
    again(&store).put_account_unseen(&account("pay", true, &[])).unwrap();
    fs::write(store.path().join("accounts/pay.observed.yaml"), "anything").unwrap();
    assert!(matches!(store.accounts(), Err(Error::Name { .. })));
}

/// A document is never skipped because it lies beside its folder.
#[test]
fn what_looks_like_a_part_of_the_store_beside_its_folders_is_refused() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let document = fs::read_to_string(store.path().join("clusters/pay-01.yaml")).unwrap();
    for (name, text) in [
        ("README.md", document.as_str()),
        ("values.yaml", "a: b\n"),
        (".pay-02.yaml", &document),
        ("empty.yml", ""),
        ("other/pay-02.yaml", &document),
    ] {
        let path = store.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    assert_eq!(store.clusters().unwrap().len(), 1);
    let later = document.replace("/v1", "/v7");
    for (name, text) in [
        ("pay-02.yaml", document.as_str()),
        ("pay-02.YML", later.as_str()),
        ("Clusters/pay-02.yaml", ""),
        ("account/pay.yaml", ""),
    ] {
        let path = store.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        for error in [store.clusters().unwrap_err(), again(&store).snapshot().unwrap_err()] {
            let first = name.split('/').next().unwrap();
            assert!(matches!(&error, Error::Stray { path } if path.ends_with(first)), "{error}");
        }
        let top = store.path().join(name.split('/').next().unwrap());
        if top.is_dir() { fs::remove_dir_all(top).unwrap() } else { fs::remove_file(top).unwrap() }
    }
}

#[cfg(unix)]
#[test]
fn only_regular_files_of_a_bounded_size_are_read() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let path = store.path().join("clusters/pay-02.yaml");
    let refused = |what: file::Thing| {
        for error in [
            store.clusters().unwrap_err(),
            store.cluster(&key("pay-02")).unwrap_err(),
            store.put_cluster_unseen(&cluster("pay-02", "us")).unwrap_err(),
            store.delete_cluster(&key("pay-02"), "us").unwrap_err(),
        ] {
            assert!(matches!(&error, Error::Thing { thing, .. } if *thing == what), "{error}");
        }
    };
    for target in ["/dev/zero", "nowhere", "pay-01.yaml", ".."] {
        symlink(target, &path).unwrap();
        refused(file::Thing::Link);
        fs::remove_file(&path).unwrap();
    }
    fs::create_dir(&path).unwrap();
    refused(file::Thing::Directory);
    fs::remove_dir(&path).unwrap();
    let socket = UnixListener::bind(&path).unwrap();
    refused(file::Thing::Special);
    drop(socket);
    fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    refused(file::Thing::Special);
    fs::remove_file(&path).unwrap();

    fs::write(&path, vec![b' '; (1 << 20) + 1]).unwrap();
    assert!(matches!(store.clusters(), Err(Error::Long { .. })));
    fs::remove_file(&path).unwrap();

    // Nor is a folder that lies elsewhere.
    fs::rename(store.path().join("clusters"), store.path().join("elsewhere")).unwrap();
    symlink("elsewhere", store.path().join("clusters")).unwrap();
    assert!(matches!(store.clusters(), Err(Error::Thing { thing: file::Thing::Link, .. })));
}

#[test]
fn what_a_killed_write_left_is_removed_when_it_is_old() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let folder = store.path().join("clusters");
    let (old, new) = (folder.join(".fleet-old.tmp"), folder.join(".fleet-new.tmp"));
    let foreign = folder.join(".pay.yaml.swp");
    for path in [&old, &new, &foreign] {
        fs::write(path, "half").unwrap();
    }
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(24 * 60 * 60);
    for path in [&old, &foreign] {
        fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    store.put_cluster_unseen(&cluster("pay-02", "us")).unwrap();
    assert_eq!([old.exists(), new.exists(), foreign.exists()], [false, true, true]);
}

#[test]
fn the_serial_grows_with_each_other_text() {
    let (_directory, store) = store();
    let mut document = cluster("pay-01", "us");
    let serial = |store: &Store| store.cluster(&key("pay-01")).unwrap().unwrap().document.serial;
    for (owner, expected) in [("a", 1), ("a", 1), ("b", 2), ("a", 3)] {
        document.about.owner = Some(owner.into());
        store.put_cluster_unseen(&document).unwrap();
        assert_eq!(serial(&store), expected, "{owner}");
    }
    // A file that an older version wrote has none, and is read as 0.
    let path = store.path().join("clusters/pay-01.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let seal = text.lines().last().unwrap();
    fs::write(&path, text.replace("serial: 3\n", "").replace(seal, "")).unwrap();
    assert_eq!(serial(&store), 0);
    let seen = Seen { serial: 3, sha256: None, missed: None };
    let error = store.put_cluster(&document, &seen).unwrap_err();
    assert!(matches!(error, Error::Older { seen: 3, found: 0, .. }), "{error}");
    // One that is gone is written after the last one that was seen.
    fs::remove_file(&path).unwrap();
    let written = store.put_cluster(&document, &seen).unwrap();
    assert_eq!((written.serial, serial(&store)), (4, 4));
    assert_eq!(store.snapshot().unwrap().serials.clusters[&key("pay-01")], 4);
}

#[test]
fn a_destroy_removes_only_what_is_ours_and_was_not_asserted_in_this_run() {
    let (_directory, store) = store();
    let name = key("pay-01");
    assert_eq!(store.delete_cluster(&name, "us").unwrap(), Removal::Missing);
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    assert!(store.asserted_cluster(&name));
    assert_eq!(store.delete_cluster(&name, "us").unwrap(), Removal::AssertedInThisRun);
    // Found as it would have been written counts as asserted, too.
    let second = again(&store);
    second.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    assert_eq!(second.delete_cluster(&name, "us").unwrap(), Removal::AssertedInThisRun);

    let later = again(&store);
    let other = Removal::OtherManager("us".into());
    assert_eq!(later.delete_cluster(&name, "them").unwrap(), other);
    assert_eq!(later.delete_cluster(&name, "us").unwrap(), Removal::Removed);
    assert_eq!(later.cluster(&name).unwrap(), None);
}

#[test]
fn a_snapshot_is_decoded_once() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let text = store.snapshot().unwrap().encode().unwrap();
    let (first, second) = (decode(&text).unwrap(), decode(&text).unwrap());
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(first, store.snapshot().unwrap());
    assert!(decode("fleet-snapshot:2:").is_err());
}

#[test]
fn the_joined_snapshot_is_read_again_when_a_file_changed() {
    let (_directory, store) = store();
    store.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    let first = store.snapshot().unwrap();
    assert!(Arc::ptr_eq(&first, &store.snapshot().unwrap()));
    // By somebody else, to a file of the same length.
    let path = store.path().join("clusters/pay-01.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("ap-southeast-1", "ap-northeast-1")).unwrap();
    let second = store.snapshot().unwrap();
    assert_eq!(second.clusters[&key("pay-01")].record.region, "ap-northeast-1");
    // By us, elsewhere.
    again(&store).put_account_unseen(&account("pay", true, &[])).unwrap();
    assert!(store.snapshot().unwrap().clusters[&key("pay-01")].admitted);
    again(&store).delete_cluster(&key("pay-01"), "us").unwrap();
    assert!(store.snapshot().unwrap().clusters.is_empty());
}

#[test]
fn two_spellings_of_a_directory_are_one_inventory() {
    let directory = tempfile::tempdir().unwrap();
    let stores = Stores::default();
    let first = stores.open(directory.path()).unwrap();
    let other = directory.path().join("..").join(directory.path().file_name().unwrap());
    let second = stores.open(&other).unwrap();
    assert!(Arc::ptr_eq(&first, &stores.open(directory.path()).unwrap()));
    assert!(!Arc::ptr_eq(&first, &second));
    first.put_cluster_unseen(&cluster("pay-01", "us")).unwrap();
    assert!(second.asserted_cluster(&key("pay-01")));
    assert_eq!(second.delete_cluster(&key("pay-01"), "us").unwrap(), Removal::AssertedInThisRun);
    // Each is shown as it was given.
    assert_eq!(first.snapshot().unwrap().store, directory.path().to_str().unwrap());
    assert_eq!(second.snapshot().unwrap().store, other.to_str().unwrap());
    // Another run remembers nothing of this one.
    let later = Stores::default().open(directory.path()).unwrap();
    assert!(!later.asserted_cluster(&key("pay-01")));
}

/// A serial that somebody wrote into a file leads nowhere: the file comes back as it was.
#[test]
fn a_serial_that_no_write_gave_is_not_believed() {
    let (_directory, store) = store();
    let document = cluster("pay-01", "us");
    let seen = store.put_cluster(&document, &Seen::default()).unwrap();
    let path = store.path().join("clusters/pay-01.yaml");
    let written = fs::read_to_string(&path).unwrap();
    for serial in [2, 1_000_000, MAX_SERIAL] {
        fs::write(&path, written.replace("serial: 1\n", &format!("serial: {serial}\n"))).unwrap();
        let found = store.cluster(&key("pay-01")).unwrap().unwrap();
        assert!(!found.is_as_written && found.document.serial == serial);
        assert_eq!(seen.clone().or(serial, &found.sha256, found.is_as_written), seen);
        let serials = store.snapshot().unwrap().serials.clone();
        assert!(serials.edited_clusters.contains(&key("pay-01")));
        // As a plan tells it, and as an apply does it.
        assert_ne!(store.cluster_sha256(&document, &seen).unwrap(), found.sha256);
        let missed = Seen { missed: Some(1), ..seen.clone() };
        assert_eq!(store.put_cluster(&document, &seen).unwrap(), missed);
        assert_eq!(fs::read_to_string(&path).unwrap(), written);
    }
    // Where nothing else is known, it is all there is; beyond the last one there is none.
    fs::write(&path, written.replace("serial: 1\n", "serial: 7\n")).unwrap();
    assert_eq!(store.put_cluster(&document, &Seen::default()).unwrap().serial, 8);
    let last = Seen { serial: MAX_SERIAL, sha256: None, missed: None };
    fs::remove_file(&path).unwrap();
    let error = store.put_cluster(&document, &last).unwrap_err();
    assert!(matches!(error, Error::LastSerial { .. }));
    fs::write(&path, written.replace("serial: 1\n", "serial: 18446744073709551615\n")).unwrap();
    assert!(matches!(store.clusters(), Err(Error::NotOurs { .. })));
}

/// As another version of the provider writes a file.
fn write_as(store: &Store, text: &str, by: Option<&str>, more: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("seal: ") && !line.starts_with("written_by: "));
    let mut text: String = lines.map(|line| format!("{line}\n")).collect();
    text = text.replace("cluster:\n", &format!("{more}cluster:\n"));
    if let Some(by) = by {
        text.push_str(&format!("written_by: {by}\n"));
    }
    let mut seal = sha256_hex(text.as_bytes());
    seal.truncate(16);
    text.push_str(&format!("seal: {seal}\n"));
    fs::write(store.path().join("clusters/pay-01.yaml"), &text).unwrap();
    text
}

/// An upgrade changes no file and no digest by itself; a change of what the file says does, and keeps what is not known.
#[test]
fn a_file_of_another_version_stays_until_it_says_something_else() {
    let (_directory, store) = store();
    let document = cluster("pay-01", "us");
    store.put_cluster_unseen(&document).unwrap();
    let path = store.path().join("clusters/pay-01.yaml");
    let written = fs::read_to_string(&path).unwrap();
    let later = "later: {of: [1, two]}\n";
    for (by, more) in [
        (None, ""),
        (Some("terraform-provider-fleet 0.0.1"), ""),
        (Some("terraform-provider-fleet 99.0.0"), later),
        (Some("another-writer 1"), "# How others write\n"),
    ] {
        let text = write_as(&store, &written, by, more);
        let sha256 = sha256_hex(text.as_bytes());
        let seen = Seen { serial: 1, sha256: Some(sha256.clone()), missed: None };
        let found = store.cluster(&key("pay-01")).unwrap().unwrap();
        assert!(found.is_as_written && found.beside.written_by.as_deref() == by);
        assert_eq!(store.cluster_sha256(&document, &seen).unwrap(), sha256);
        assert_eq!(store.put_cluster(&document, &seen).unwrap(), seen);
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "{by:?}");

        let mut changed = document.clone();
        changed.about.owner = Some("team".into());
        let planned = store.cluster_sha256(&changed, &seen).unwrap();
        let now = store.put_cluster(&changed, &seen).unwrap();
        assert_eq!((now.serial, now.sha256.as_deref()), (2, Some(planned.as_str())));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("written_by: {WRITER}\n")), "{text}");
        assert_eq!(text.contains("later:\n  of:\n"), more == later, "{text}");
        assert_eq!(sha256_hex(text.as_bytes()), planned);
        // Another writer's next look at it finds nothing to do.
        let again = again(&store).put_cluster(&changed, &now).unwrap();
        assert_eq!((again, fs::read_to_string(&path).unwrap()), (now, text));
    }
}

/// What somebody adds by hand is no part of what was written: the file comes back as it was.
#[test]
fn a_field_that_was_added_by_hand_goes_when_the_file_is_restored() {
    let (_directory, store) = store();
    let document = cluster("pay-01", "us");
    let seen = store.put_cluster(&document, &Seen::default()).unwrap();
    let path = store.path().join("clusters/pay-01.yaml");
    let written = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{written}later: 1\n")).unwrap();
    let found = store.cluster(&key("pay-01")).unwrap().unwrap();
    assert!(!found.is_as_written && found.beside.unknown().eq(["later"]));
    assert_eq!(store.put_cluster(&document, &seen).unwrap().serial, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
}
