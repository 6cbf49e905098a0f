//! Files of the inventory that are older than what was seen, or whose serials somebody edited.

use super::*;

#[test]
fn a_file_that_is_older_than_what_was_seen_is_refused() {
    let fleet = Fleet::with_account(US, true);
    let (state, _) = fleet.apply(&config("pay-01"), None);
    let old = fs::read(fleet.file()).unwrap();
    let tainted = Model { schedulable: Attr::Known(false), ..state.clone() };
    let (state, _) = fleet.apply(&tainted, Some(&state));
    let new = fs::read_to_string(fleet.file()).unwrap();
    assert!(new.contains("serial: 2\n"), "{new}");

    // A clone that lacks the second write.
    fs::write(fleet.file(), &old).unwrap();
    let refused = fleet.try_refresh(&state).unwrap_err();
    insta::assert_snapshot!("older_file", fleet.told(&refused.into()));
    let (_, diagnostics) = fleet.plan(&state, Some(&state));
    assert!(diagnostics.iter().any(|of| of.detail.contains("FLEET0318")), "{diagnostics:?}");
    let mut none = Diagnostics::new();
    assert!(
        fleet.assert(state.clone(), false, &mut none).unwrap_err().detail.contains("FLEET0318")
    );
    assert_eq!(fs::read(fleet.file()).unwrap(), old);

    // What is lost or edited comes back as it was, with the serial that it had.
    for lost in [None, Some(new.replace("ap-southeast-1", "eu-west-1"))] {
        match lost {
            Some(edited) => fs::write(fleet.file(), edited).unwrap(),
            None => fs::remove_file(fleet.file()).unwrap(),
        }
        let refreshed = fleet.refresh(&state);
        assert!(fleet.is_changed(&refreshed));
        fleet.apply(&state, Some(&refreshed));
        assert_eq!(fs::read_to_string(fleet.file()).unwrap(), new);
    }
}

#[test]
fn an_accounts_file_that_is_older_than_what_was_seen_is_refused() {
    let fleet = Fleet::with_account(US, true);
    let (state, _) = fleet.apply(&config("pay-01"), None);
    let path = fleet.store().path().join("accounts/payments-prod.yaml");
    let stale = fs::read(&path).unwrap();
    let frozen = AccountDocument { lifecycle_phase: LifecyclePhase::Frozen, ..account(US, false) };
    fleet.store().put_account(&frozen, &Seen::default()).unwrap();
    let state = fleet.refresh(&state);
    assert_eq!(state.admitted, Attr::Known(false));

    fs::write(&path, stale).unwrap();
    // A refresh leaves what is known, so that the plan can say what to do.
    let state = fleet.refresh(&state);
    assert_eq!(state.admitted, Attr::Known(false));
    let (_, diagnostics) = fleet.plan(&state, Some(&state));
    insta::assert_snapshot!("older_account", fleet.told(&diagnostics));
    let mut none = Diagnostics::new();
    assert!(fleet.assert(state, false, &mut none).unwrap_err().detail.contains("FLEET0318"));
}

/// A key that was let go and vended anew has serials from 1 on.
#[test]
fn an_account_that_began_anew_is_acknowledged_once() {
    let fleet = Fleet::with_account(US, true);
    fleet.store().put_account(&account(US, false), &Seen::default()).unwrap();
    fleet.store().put_account(&account(US, true), &Seen::default()).unwrap();
    let (state, _) = fleet.apply(&config("pay-01"), None);
    assert_eq!(fleet.memory.borrow().account.serial, 3);
    let path = fleet.store().path().join("accounts/payments-prod.yaml");
    fs::remove_file(&path).unwrap();
    fleet.store().put_account(&account(US, true), &Seen::default()).unwrap();
    let refreshed = fleet.refresh(&state);
    let (_, diagnostics) = fleet.plan(&refreshed, Some(&refreshed));
    let told = fleet.told(&diagnostics);
    assert!(told.contains("the serial 1, and the serial 3 was seen"), "{told}");
    let fingerprint = told.split("then add \"").nth(1).unwrap().split('"').next().unwrap();

    // One that is retired takes nothing anyway, and must be able to go.
    let retired = Model { lifecycle_state: known("retired"), ..refreshed.clone() };
    assert!(!fleet.plan(&retired, Some(&refreshed)).1.has_errors());

    fleet.acknowledged.replace(BTreeSet::from(["0000000000000000".to_owned()]));
    assert!(fleet.plan(&refreshed, Some(&refreshed)).1.has_errors());
    fleet.acknowledged.replace(BTreeSet::from([fingerprint.to_owned()]));
    // The plan shows an update, which lowers what was seen.
    assert!(fleet.is_changed(&refreshed));
    let (state, _) = fleet.apply(&refreshed, Some(&refreshed));
    fleet.acknowledged.replace(BTreeSet::new());
    assert_eq!(fleet.memory.borrow().account.serial, 1);
    let state = fleet.refresh(&state);
    assert!(!fleet.is_changed(&state));
}

#[test]
fn what_was_seen_of_an_account_can_be_nothing_again() {
    let mut private = Private::default();
    let account = known("pay");
    let seen = |serial| Seen { serial, sha256: None, missed: None };
    Memory { file: seen(2), account: seen(7) }.keep(&mut private, &account);
    Memory { file: seen(2), account: Seen::default() }.keep(&mut private, &account);
    let memory = Memory::recall(&private, &account);
    assert_eq!((memory.file.serial, memory.account.serial), (2, 0));
}

#[test]
fn an_edited_serial_is_told_and_written_again() {
    let fleet = Fleet::with_account(US, true);
    let (state, _) = fleet.apply(&config("pay-01"), None);
    let written = fs::read_to_string(fleet.file()).unwrap();
    let path = fleet.store().path().join("accounts/payments-prod.yaml");
    let of_account = fs::read_to_string(&path).unwrap();
    fs::write(fleet.file(), written.replace("serial: 1\n", "serial: 1000000\n")).unwrap();
    fs::write(&path, of_account.replace("serial: 1\n", "serial: 1000000\n")).unwrap();
    let memory = fleet.memory.borrow().clone();
    let refreshed = fleet.refresh(&state);
    assert_eq!(*fleet.memory.borrow(), memory);
    let (_, diagnostics) = fleet.plan(&refreshed, Some(&refreshed));
    insta::assert_snapshot!("edited_serial", fleet.told(&diagnostics));
    fleet.apply(&refreshed, Some(&refreshed));
    assert_eq!(fs::read_to_string(fleet.file()).unwrap(), written);
    // What was committed before is not older than what was seen.
    fs::write(&path, of_account).unwrap();
    let refreshed = fleet.refresh(&state);
    assert!(!fleet.is_changed(&refreshed));
}
