use fleet_model::readiness::Verdict;

use super::super::tests::document;
use super::*;
use crate::inventory::Removal;

#[test]
fn the_gate_is_shut_before_a_step_and_says_which() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let file = document(Verdict::Pass);
    let open = store.put_account(&file, &Seen::default()).unwrap();
    // The step is another run's.
    let store = Store::open(directory.path()).unwrap();
    let key = &file.contract.key;
    assert!(store.account(key).unwrap().unwrap().document.is_ready());
    let mut seen = open;
    for (step, says) in [
        (Step::Freeze, "being frozen"),
        (Step::Retire, "being retired"),
        (Step::LetGo, "being released or closed"),
    ] {
        seen = shut(&store, step, &file, &seen).unwrap();
        let found = store.account(key).unwrap().unwrap();
        assert!(!found.document.ready && !found.document.is_ready());
        assert_eq!(found.document.open_checks["phase"], says);
        // Nothing else of what the file says is decided by a step that is not made yet.
        assert_eq!(found.document.lifecycle_phase, file.lifecycle_phase);
        assert_eq!(found.document.prior_settings, file.prior_settings);
        assert!(found.is_as_written && found.document.serial == seen.serial);
    }
    let removal = store.delete_account(key, &file.managed_by).unwrap();
    assert_eq!(removal, Removal::Removed, "one that is let go leaves no file");
}

#[test]
fn a_file_that_cannot_be_written_holds_the_step_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let file = document(Verdict::Pass);
    let written = store.put_account(&file, &Seen::default()).unwrap();
    let newer = Seen { serial: written.serial + 1, sha256: None, missed: None };
    let refused = shut(&store, Step::Freeze, &file, &newer).unwrap_err();
    assert!(refused.detail.contains("`payments-prod` is not frozen"), "{refused:?}");
    assert!(store.account(&file.contract.key).unwrap().unwrap().document.is_ready());
}
