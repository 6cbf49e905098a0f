use super::super::tests::{account, key, store};
use fleet_model::inventory::AccountDocument;

use super::*;

fn seen(serial: u64) -> Seen {
    Seen { serial, sha256: None, missed: None }
}

#[test]
fn a_document_that_was_seen_has_to_be_there_and_as_new() {
    let (directory, store) = store();
    let name = key("payments");
    let lost = |serial: u64| {
        let lost = store.lost_account(&name, "111122223333", &seen(serial)).unwrap();
        lost.map(|lost| lost.instead)
    };
    assert_eq!(lost(0), None, "nothing was seen");
    assert_eq!(lost(1), Some(Instead::Nothing));

    let document =
        AccountDocument { id: "111122223333".to_owned(), ..account("payments", true, &[]) };
    let written = store.put_account(&document, &seen(6)).unwrap();
    assert_eq!(written.serial, 7);
    assert_eq!(lost(7), None);
    assert_eq!(lost(3), None, "a later write");
    assert_eq!(lost(8), Some(Instead::Older(7)));
    let other = store.lost_account(&name, "444455556666", &seen(7)).unwrap().unwrap();
    assert_eq!(other.instead, Instead::Another("111122223333".to_owned()));

    let path = directory.path().join("accounts/payments.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("serial: 7", "serial: 70")).unwrap();
    assert_eq!(lost(8), Some(Instead::Edited(70)), "an edited serial is no later write");
}

/// A file that is written anew says nothing of the directory that it is written into.
#[test]
fn what_was_missed_and_written_anew_stays_missed() {
    let document =
        AccountDocument { id: "111122223333".to_owned(), ..account("payments", true, &[]) };
    let name = key("payments");
    type Loses = fn(&std::path::Path);
    let edits: Loses = |path| {
        let text = std::fs::read_to_string(path).unwrap();
        std::fs::write(path, text.replace("serial: 1", "serial: 9")).unwrap();
    };
    let deletes: Loses = |path| std::fs::remove_file(path).unwrap();
    for loses in [edits, deletes] {
        let (directory, store) = store();
        let lost = |seen: &Seen| store.lost_account(&name, "111122223333", seen).unwrap();
        let first = store.put_account(&document, &Seen::default()).unwrap();
        assert_eq!((first.missed, lost(&first)), (None, None));
        loses(&directory.path().join("accounts/payments.yaml"));
        let missing = lost(&first).unwrap();

        let anew = store.put_account(&document, &first).unwrap();
        assert_eq!(anew.missed, Some(1));
        let since = lost(&anew).unwrap();
        assert_eq!((since.instead.clone(), since.seen), (Instead::Anew, 1));
        // Later writes and looks do not forget it, and the acknowledgement of the loss is one of this.
        let mut changed = document.clone();
        changed.ready = false;
        let later = store.put_account(&changed, &anew).unwrap();
        assert!(later.serial > anew.serial);
        assert_eq!(later.clone().or(later.serial + 1, "x", true).missed, Some(1));
        let fingerprint = lost(&later).unwrap().fingerprint();
        assert_eq!(fingerprint, since.fingerprint());
        if missing.is_missing() {
            assert_eq!(fingerprint, missing.fingerprint());
        }
        // Another loss is another question.
        std::fs::remove_file(directory.path().join("accounts/payments.yaml")).unwrap();
        let again = store.put_account(&document, &later).unwrap();
        assert_ne!(lost(&again).unwrap().fingerprint(), fingerprint);
    }
}

#[test]
fn the_file_of_a_cluster_is_missed_alike() {
    let (_directory, store) = store();
    let name = key("c1");
    assert!(store.lost_cluster(&name, &seen(0)).unwrap().is_none());
    let lost = store.lost_cluster(&name, &seen(2)).unwrap();
    assert_eq!(lost.unwrap().instead, Instead::Nothing);
}

#[test]
fn an_acknowledgement_fits_one_loss() {
    let (_directory, store) = store();
    let lost = |name: &str, serial: u64| store.lost_cluster(&key(name), &seen(serial)).unwrap();
    let fingerprint = lost("c1", 2).unwrap().fingerprint();
    let acknowledged = BTreeSet::from([fingerprint]);
    assert_eq!(holds_back(lost("c1", 2), &acknowledged), None);
    assert!(holds_back(lost("c1", 3), &acknowledged).is_some());
    assert!(holds_back(lost("c2", 2), &acknowledged).is_some());
}
