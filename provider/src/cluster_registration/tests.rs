//! Plans and applies against a real directory, as core would run them.

use std::fs;

use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::LifecyclePhase;
use tfplugin::{Attr, Private};

use super::*;
use crate::inventory::Seen;
use crate::runtime::PlannedAccount;

mod fleet;

use fleet::{Fleet, US, account, config, known, with};

#[test]
fn the_record_and_the_file_are_known_in_the_first_plan() {
    let fleet = Fleet::new();
    let (computed, diagnostics) = fleet.plan(&config("pay-01"), None);
    assert!(diagnostics.is_empty());
    let computed = computed.unwrap();
    insta::assert_snapshot!(computed.record, @r#"{"name":"pay-01","account":"payments-prod","environment":"prod","region":"ap-southeast-1","cloud":"aws","data_classification":"pci","lifecycle_state":"active"}"#);
    assert!(computed.inventory_sha256.is_known());
    assert_eq!(computed.admitted, Attr::Unknown);
    assert_eq!(computed.account_id, Attr::Unknown);
    assert!(!fleet.file().exists());
}

#[test]
fn a_registration_on_a_ready_account_is_admitted_and_then_silent() {
    let fleet = Fleet::with_account(US, true);
    let (state, diagnostics) = fleet.apply(&config("pay-01"), None);
    assert!(diagnostics.is_empty());
    assert_eq!(state.admitted, Attr::Known(true));
    assert_eq!(state.account_id, known("123456789012"));
    let refreshed = fleet.refresh(&state);
    assert_eq!(format!("{refreshed:?}"), format!("{state:?}"));
    assert!(!fleet.is_changed(&refreshed));
}

#[test]
fn until_it_is_admitted_every_plan_looks_again() {
    let fleet = Fleet::new();
    let (state, diagnostics) = fleet.apply(&config("pay-01"), None);
    assert_eq!(state.admitted, Attr::Known(false));
    assert_eq!(state.account_id, Attr::Null);
    insta::assert_snapshot!("not_admitted_no_file", fleet.told(&diagnostics));

    fleet.store().put_account(&account(US, false)).unwrap();
    let state = fleet.refresh(&state);
    assert!(fleet.is_changed(&state));
    let (state, diagnostics) = fleet.apply(&state, Some(&state));
    assert_eq!(state.account_id, known("123456789012"));
    insta::assert_snapshot!("not_admitted_open_checks", fleet.told(&diagnostics));

    fleet.store().put_account(&account(US, true)).unwrap();
    let (state, diagnostics) = fleet.apply(&state, Some(&state));
    assert!(diagnostics.is_empty());
    assert_eq!(state.admitted, Attr::Known(true));
    assert!(!fleet.is_changed(&fleet.refresh(&state)));

    // It never latches.
    fleet.store().put_account(&account(US, false)).unwrap();
    let state = fleet.refresh(&state);
    assert_eq!(state.admitted, Attr::Known(false));
    assert!(fleet.is_changed(&state));
}

#[test]
fn an_account_that_stops_being_ready_in_the_same_apply_is_told() {
    let fleet = Fleet::with_account(US, true);
    let (state, _) = fleet.apply(&config("pay-01"), None);
    let relabelled = Model {
        labels: Attr::Known([("pci".to_owned(), "true".to_owned())].into()),
        ..state.clone()
    };
    let (computed, _) = fleet.plan(&relabelled, Some(&state));
    let computed = computed.unwrap();
    assert_eq!(computed.admitted, Attr::Unknown);
    assert_eq!(computed.account_id, known("123456789012"));
    fleet.store().put_account(&account(US, false)).unwrap();
    let mut diagnostics = Diagnostics::new();
    let planned = with(relabelled, computed);
    let state = fleet.assert(planned, false, &mut diagnostics).unwrap();
    assert_eq!(state.admitted, Attr::Known(false));
    assert_eq!(diagnostics.len(), 1);
}

#[test]
fn a_file_that_is_missing_or_changed_is_written_again_in_place() {
    let fleet = Fleet::with_account(US, true);
    let (state, _) = fleet.apply(&config("pay-01"), None);
    let written = fs::read(fleet.file()).unwrap();

    fs::remove_file(fleet.file()).unwrap();
    let missing = fleet.refresh(&state);
    assert_eq!(missing.inventory_sha256, Attr::Null);
    assert!(fleet.is_changed(&missing));
    let (state, _) = fleet.apply(&missing, Some(&missing));
    assert_eq!(fs::read(fleet.file()).unwrap(), written);

    let edited = String::from_utf8(written.clone()).unwrap().replace("prod", "test");
    fs::write(fleet.file(), edited.replace("payments-test", "payments-prod")).unwrap();
    let changed = fleet.refresh(&state);
    assert_ne!(changed.inventory_sha256, state.inventory_sha256);
    assert!(fleet.is_changed(&changed));
    let (state, _) = fleet.apply(&changed, Some(&changed));
    assert_eq!(fs::read(fleet.file()).unwrap(), written);
    assert!(!fleet.is_changed(&fleet.refresh(&state)));
}

#[test]
fn everything_but_the_name_changes_in_place() {
    let fleet = Fleet::with_account(US, true);
    let (state, _) = fleet.apply(&config("pay-01"), None);
    let changed = Model { region: known("ap-northeast-1"), tier: known("tier-0"), ..state.clone() };
    let (state, _) = fleet.apply(&changed, Some(&state));
    let found = fleet.store().cluster(&Key::new("pay-01").unwrap()).unwrap().unwrap();
    assert_eq!(found.document.cluster.region, "ap-northeast-1");
    assert_eq!(found.document.cluster.tier.as_deref(), Some("tier-0"));

    let renamed = Model { name: known("pay-02"), ..state.clone() };
    let (computed, diagnostics) = fleet.plan(&renamed, Some(&state));
    assert_eq!(computed, None);
    insta::assert_snapshot!("rename", fleet.told(&diagnostics));
}

#[test]
fn an_unknown_fact_is_refused_and_an_unknown_owner_is_not() {
    let fleet = Fleet::new();
    let unknown = Model {
        account: Attr::Unknown,
        labels: Attr::Unknown,
        taints: Attr::Known(vec![model::Taint {
            key: known("maintenance"),
            value: Attr::Unknown,
            effect: known("NoSelect"),
        }]),
        ..config("pay-01")
    };
    let (computed, diagnostics) = fleet.plan(&unknown, None);
    assert_eq!(computed, None);
    insta::assert_snapshot!("unknown_facts", fleet.told(&diagnostics));

    let owner = Model { owner: Attr::Unknown, ..config("pay-01") };
    let (computed, diagnostics) = fleet.plan(&owner, None);
    assert!(diagnostics.is_empty());
    assert_eq!(computed.unwrap().inventory_sha256, Attr::Unknown);
}

#[test]
fn an_unknown_provider_block_does_not_stop_a_plan() {
    let memory = Memory::default();
    let view = View {
        store: None,
        managed_by: None,
        memory: &memory,
        account: None,
        acknowledged: &BTreeSet::new(),
    };
    let mut diagnostics = Diagnostics::new();
    let nothing = BTreeSet::new();
    let computed = plan::plan(&config("pay-01"), None, &nothing, view, &mut diagnostics).unwrap();
    assert!(diagnostics.is_empty());
    assert_eq!(computed.inventory_sha256, Attr::Unknown);
    assert!(computed.record.contains("pay-01"));
}

#[test]
fn a_second_manager_is_refused_at_plan_and_in_apply() {
    let fleet = Fleet::with_account(US, true);
    let (name, document) = plan::document(&config("pay-01"), "somebody/else").unwrap();
    fleet.store().put_cluster(&document).unwrap();
    let before = fs::read(fleet.file()).unwrap();
    let (_, diagnostics) = fleet.plan(&config("pay-01"), None);
    insta::assert_snapshot!("second_manager", fleet.told(&diagnostics));
    let mut none = Diagnostics::new();
    let refused = fleet.assert(config("pay-01"), true, &mut none);
    assert!(refused.unwrap_err().detail.contains("FLEET0304"));
    assert_eq!(fs::read(fleet.file()).unwrap(), before);
    // Also a state that thinks the file is its own leaves it alone.
    let retired = Model { lifecycle_phase: known("retired"), ..config(name.as_str()) };
    let mut diagnostics = Diagnostics::new();
    apply::remove(&retired, &fleet.store(), US, &mut diagnostics).unwrap();
    assert_eq!(fs::read(fleet.file()).unwrap(), before);
    insta::assert_snapshot!("left_in_place", fleet.told(&diagnostics));
}

#[test]
fn a_file_that_is_not_ours_is_refused_at_plan() {
    let fleet = Fleet::with_account(US, true);
    fs::create_dir(fleet.file().parent().unwrap()).unwrap();
    fs::write(fleet.file(), "kind: Deployment\n").unwrap();
    let (_, diagnostics) = fleet.plan(&config("pay-01"), None);
    insta::assert_snapshot!("not_ours", fleet.told(&diagnostics));
}

#[test]
fn an_account_of_another_manager_must_be_ready_first() {
    let theirs = |ready| {
        let fleet = Fleet::new();
        let registrars = Some([US.to_owned()].into());
        let of = AccountDocument { registrars, ..account("platform/accounts", ready) };
        fleet.store().put_account(&of).unwrap();
        fleet
    };
    let fleet = theirs(false);
    let (_, diagnostics) = fleet.plan(&config("pay-01"), None);
    insta::assert_snapshot!("other_account", fleet.told(&diagnostics));
    // Not an error for what is registered already, nor for one of our own accounts.
    let registered = config("pay-01");
    let (_, diagnostics) = fleet.plan(&registered, Some(&registered));
    assert!(diagnostics.is_empty());
    let fleet = theirs(true);
    assert!(fleet.plan(&config("pay-01"), None).1.is_empty());
    let fleet = Fleet::with_account(US, false);
    assert!(fleet.plan(&config("pay-01"), None).1.is_empty());
}

#[test]
fn a_create_of_a_name_in_state_is_a_replacement_in_disguise() {
    let fleet = Fleet::with_account(US, true);
    let store = fleet.store();
    let memory = Memory::default();
    let view = View {
        store: Some(&store),
        managed_by: Some(US),
        memory: &memory,
        account: None,
        acknowledged: &BTreeSet::new(),
    };
    let loaded = BTreeSet::from(["pay-01".to_owned()]);
    let mut diagnostics = Diagnostics::new();
    assert_eq!(plan::plan(&config("pay-01"), None, &loaded, view, &mut diagnostics), None);
    insta::assert_snapshot!("replaced", fleet.told(&diagnostics));
    let mut diagnostics = Diagnostics::new();
    assert!(plan::plan(&config("pay-02"), None, &loaded, view, &mut diagnostics).is_some());
    let prior = config("pay-01");
    assert!(plan::plan(&config("pay-01"), Some(&prior), &loaded, view, &mut diagnostics).is_some());
}

#[test]
fn two_blocks_of_one_name_do_not_write_one_file() {
    let fleet = Fleet::with_account(US, true);
    let store = fleet.store();
    let mut diagnostics = Diagnostics::new();
    let mut memory = Memory::default();
    let mut again = |diagnostics: &mut Diagnostics| {
        let acknowledged = BTreeSet::new();
        let writing =
            Writing { store: &store, managed_by: US, first: true, acknowledged: &acknowledged };
        apply::assert(config("pay-01"), writing, &mut memory, diagnostics)
    };
    again(&mut diagnostics).unwrap();
    let refused = again(&mut diagnostics).unwrap_err();
    insta::assert_snapshot!("two_blocks", fleet.told(&refused.into()));
    // A file of ours that an interrupted apply left is taken over.
    fleet.assert(config("pay-01"), true, &mut diagnostics).unwrap();
}

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
    fleet.store().put_account(&frozen).unwrap();
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
    fleet.store().put_account(&account(US, false)).unwrap();
    fleet.store().put_account(&account(US, true)).unwrap();
    let (state, _) = fleet.apply(&config("pay-01"), None);
    assert_eq!(fleet.memory.borrow().account.serial, 3);
    let path = fleet.store().path().join("accounts/payments-prod.yaml");
    fs::remove_file(&path).unwrap();
    fleet.store().put_account(&account(US, true)).unwrap();
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
    let seen = |serial| Seen { serial, sha256: None };
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

#[test]
fn a_cluster_is_held_against_its_accounts_contract() {
    let fleet = Fleet::with_account(US, true);
    let misfit = Model {
        environment: known("dev"),
        data_classification: known("internal"),
        cloud: known("gcp"),
        ..config("pay-01")
    };
    let (computed, diagnostics) = fleet.plan(&misfit, None);
    assert_eq!(computed, None);
    insta::assert_snapshot!("misfit", fleet.told(&diagnostics));
    // In a plan that vends the account, too: there is no file yet.
    let new = Fleet::new();
    let (store, memory) = (new.store(), Memory::default());
    let mut contract = account(US, false).contract;
    contract.region_set = ["eu-west-1".to_owned()].into();
    let planned = PlannedAccount { contract, registrars: Attr::Null };
    let view = View {
        store: Some(&store),
        managed_by: Some(US),
        memory: &memory,
        account: Some(&planned),
        acknowledged: &BTreeSet::new(),
    };
    let mut diagnostics = Diagnostics::new();
    assert_eq!(plan::plan(&config("pay-01"), None, &BTreeSet::new(), view, &mut diagnostics), None);
    assert_eq!(diagnostics.iter().next().unwrap().path, Some("region".into()));
    // One that is there already may go.
    let retired = Model { lifecycle_state: known("retired"), ..misfit };
    assert!(fleet.plan(&retired, Some(&retired)).0.is_some());
}

/// The account decides who offers clusters in it, whatever the file of a cluster says.
#[test]
fn a_cluster_in_an_account_of_another_manager_needs_its_consent() {
    let list = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let cluster = config("pay-01");
    let fleet = Fleet::with_account("platform/accounts", true);
    let codes = |diagnostics: &Diagnostics| {
        diagnostics.iter().filter(|of| of.detail.ends_with("FLEET0322")).count()
    };
    let (computed, diagnostics) = fleet.plan(&cluster, None);
    assert_eq!(computed, None);
    insta::assert_snapshot!("outsider", fleet.told(&diagnostics));
    // Not ready at that: one word is enough.
    fleet.store().put_account(&account("platform/accounts", false)).unwrap();
    assert_eq!(fleet.plan(&cluster, None).1.len(), 1);

    let allows = |registrars| {
        let of = AccountDocument { registrars, ..account("platform/accounts", true) };
        fleet.store().put_account(&of).unwrap();
    };
    for others in [list(&[]), list(&["platform/accounts", "team-b"])] {
        allows(others);
        assert_eq!(codes(&fleet.plan(&cluster, None).1), 1);
    }
    allows(list(&[US]));
    let (state, diagnostics) = fleet.apply(&cluster, None);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(state.admitted, Attr::Known(true));

    // The account changed its mind: the cluster takes nothing new, the plan says so, and it may go.
    allows(None);
    let state = fleet.refresh(&state);
    assert_eq!(state.admitted, Attr::Known(false));
    let snapshot = fleet.store().snapshot().unwrap();
    let open = &snapshot.clusters.values().next().unwrap().open_checks;
    assert_eq!(
        open.join(", "),
        "platform/clusters is not one of the account's registrars (platform/accounts)"
    );
    assert_eq!(codes(&fleet.plan(&state, Some(&state)).1), 1);
    let mut none = Diagnostics::new();
    let refused = fleet.assert(state.clone(), false, &mut none).unwrap_err();
    assert!(refused.detail.ends_with("FLEET0322"));
    let retired = Model { lifecycle_state: known("retired"), ..state.clone() };
    assert!(fleet.plan(&retired, Some(&state)).0.is_some());
}

/// In the plan that vends the account there is no file yet.
#[test]
fn registrars_that_the_same_run_plans_decide_before_the_file() {
    let fleet = Fleet::with_account("platform/accounts", true);
    let (store, memory) = (fleet.store(), Memory::default());
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    for (registrars, expected) in [
        (Attr::Null, 0),
        (Attr::Unknown, 0),
        (Attr::Known(names(&[US])), 0),
        (Attr::Known(names(&["team-b"])), 1),
        (Attr::Known(names(&[])), 1),
    ] {
        let planned = PlannedAccount { contract: account(US, false).contract, registrars };
        let view = View {
            store: Some(&store),
            managed_by: Some(US),
            memory: &memory,
            account: Some(&planned),
            acknowledged: &BTreeSet::new(),
        };
        let mut diagnostics = Diagnostics::new();
        plan::plan(&config("pay-01"), None, &BTreeSet::new(), view, &mut diagnostics);
        let told = diagnostics.iter().filter(|of| of.detail.ends_with("FLEET0322"));
        assert_eq!(told.count(), expected, "{planned:?}: {diagnostics:?}");
    }
}

#[test]
fn only_a_retired_registration_is_destroyed() {
    let fleet = Fleet::with_account(US, true);
    let (active, _) = fleet.apply(&config("pay-01"), None);
    let mut none = Diagnostics::new();
    let refused = apply::remove(&active, &fleet.store(), US, &mut none).unwrap_err();
    assert_eq!(plan::refuse_destroy(&active), Some(refused.clone()));
    insta::assert_snapshot!("not_retired", fleet.told(&refused.into()));
    assert!(fleet.file().exists());

    // The wish alone is not enough: it must have been applied.
    let wished = Model { lifecycle_state: known("retired"), ..active.clone() };
    assert!(plan::refuse_destroy(&wished).is_some());
    let (retired, diagnostics) = fleet.apply(&wished, Some(&active));
    assert!(diagnostics.is_empty());
    assert_eq!(plan::refuse_destroy(&retired), None);
    // While the account goes, a retired registration stays silent.
    fleet.store().delete_account(&Key::new("payments-prod").unwrap(), US).unwrap();
    let retired = fleet.refresh(&retired);
    assert_eq!(retired.admitted, Attr::Known(false));
    assert!(!fleet.is_changed(&retired));

    apply::remove(&retired, &fleet.store(), US, &mut none).unwrap();
    assert!(!fleet.file().exists());
    apply::remove(&retired, &fleet.store(), US, &mut none).unwrap();
    assert!(none.is_empty());
}

#[test]
fn what_was_written_can_be_read_back() {
    let fleet = Fleet::with_account(US, true);
    let full = Model {
        owner: known("no"),
        tier: known("tier-0"),
        kubernetes_version: known("1.30"),
        gitops: Attr::Known(model::Gitops { engine: known("argocd"), controller_mode: Attr::Null }),
        policies: Attr::Known(model::Policies {
            baseline: known("restricted"),
            image_verification: known("required"),
        }),
        networking: Attr::Known(model::Networking {
            ingress_class: known("private-gateway"),
            egress_policy: known("restricted"),
        }),
        created_at: known("2026-06-01"),
        decommission_after: known("2031-06-01T00:00:00Z"),
        labels: Attr::Known([("rack".to_owned(), "0777".to_owned())].into()),
        taints: Attr::Known(vec![model::Taint {
            key: known("maintenance"),
            value: Attr::Null,
            effect: known("NoSelectIfNew"),
        }]),
        zones: Attr::Known(["1".to_owned(), "ap-southeast-1a".to_owned()].into()),
        schedulable: Attr::Known(false),
        ..config("pay-01")
    };
    let (state, _) = fleet.apply(&full, None);
    let store = fleet.store();
    let found = store.cluster(&Key::new("pay-01").unwrap()).unwrap().unwrap();
    let imported = fleet.refresh(&facts::model(&found.document, &found.sha256));
    assert_eq!(format!("{imported:?}"), format!("{state:?}"));
    assert!(!fleet.is_changed(&imported));

    // One that its file calls retired is not by that ready to be destroyed: an apply makes it so.
    let retired = Model { lifecycle_state: known("retired"), ..full };
    let (state, _) = fleet.apply(&retired, Some(&state));
    assert_eq!(plan::refuse_destroy(&state), None);
    let found = store.cluster(&Key::new("pay-01").unwrap()).unwrap().unwrap();
    let imported = fleet.refresh(&facts::model(&found.document, &found.sha256));
    assert!(plan::refuse_destroy(&imported).is_some());
    assert!(fleet.is_changed(&imported));
}

#[test]
fn bad_values_are_told_at_their_place() {
    let bad = Model {
        name: known("Prod/01"),
        environment: known("Prod"),
        account: known("../x"),
        owner: known(""),
        created_at: known("2026-02-30"),
        gitops: Attr::Known(model::Gitops { engine: known(""), controller_mode: Attr::Unknown }),
        labels: Attr::Known(
            [("fleet/x", "1"), ("team", "a b"), ("é", "")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        ),
        taints: Attr::Known(vec![model::Taint {
            key: known("fleet/unapproved"),
            value: known("a b"),
            effect: known("NoSelect"),
        }]),
        zones: Attr::Known(["a/b".to_owned()].into()),
        ..config("pay-01")
    };
    let mut diagnostics = Diagnostics::new();
    check::check(&bad, &mut diagnostics);
    let told: Vec<String> = diagnostics
        .iter()
        .map(|d| {
            let path = d.path.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{path}: {}", d.detail.lines().next().unwrap_or_default())
        })
        .collect();
    insta::assert_snapshot!("bad_values", told.join("\n"));
    let mut none = Diagnostics::new();
    check::check(&config("pay-01"), &mut none);
    assert!(none.is_empty());
    let observed = Model { name: known("pay.observed"), ..config("pay-01") };
    check::check(&observed, &mut none);
    assert!(none.has_errors());
}
