//! Plans and applies against a real directory, as core would run them.

use std::fs;

use fleet_model::cluster::Record;
use fleet_model::inventory::AccountDocument;
use fleet_model::lifecycle::LifecyclePhase;
use tfplugin::{Attr, Private};

use super::*;
use crate::inventory::Seen;
use crate::runtime::PlannedAccount;

mod accounts;
mod fleet;
mod serials;

use fleet::{Fleet, US, account, config, known, with};

#[test]
fn the_record_and_the_file_are_known_in_the_first_plan() {
    let fleet = Fleet::new();
    let (computed, diagnostics) = fleet.plan(&config("pay-01"), None);
    // Nobody has its account.
    let codes: Vec<_> = diagnostics.iter().filter_map(|of| of.detail.lines().last()).collect();
    assert_eq!(codes, ["FLEET0324"]);
    let computed = computed.unwrap();
    insta::assert_snapshot!(computed.record, @r#"{"name":"pay-01","account":"payments-prod","environment":"prod","region":"ap-southeast-1","cloud":"aws","data_classification":"pci","lifecycle_state":"active","particulars":{"managed_by":"platform/clusters"}}"#);
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

    fleet.store().put_account(&account(US, false), &Seen::default()).unwrap();
    let state = fleet.refresh(&state);
    assert!(fleet.is_changed(&state));
    let (state, diagnostics) = fleet.apply(&state, Some(&state));
    assert_eq!(state.account_id, known("123456789012"));
    insta::assert_snapshot!("not_admitted_open_checks", fleet.told(&diagnostics));

    fleet.store().put_account(&account(US, true), &Seen::default()).unwrap();
    let (state, diagnostics) = fleet.apply(&state, Some(&state));
    assert!(diagnostics.is_empty());
    assert_eq!(state.admitted, Attr::Known(true));
    assert!(!fleet.is_changed(&fleet.refresh(&state)));

    // It never latches.
    fleet.store().put_account(&account(US, false), &Seen::default()).unwrap();
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
    fleet.store().put_account(&account(US, false), &Seen::default()).unwrap();
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
    let fleet = Fleet::with_account(US, true);
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

/// What selectors match besides the contract's facts is in the record, as far as the plan knows it.
#[test]
fn the_record_says_who_and_what_version_once_that_is_known() {
    let fleet = Fleet::with_account(US, true);
    let said = |model: &Model| Record::parse(model.record.as_str().unwrap()).unwrap().particulars;
    let whole = Model {
        owner: known("Team Pay"),
        kubernetes_version: known("1.32.4-eks-1"),
        ..config("pay-01")
    };
    let unknown = Model { kubernetes_version: Attr::Unknown, ..whole.clone() };
    let (computed, diagnostics) = fleet.plan(&unknown, None);
    assert!(diagnostics.is_empty());
    let planned = with(unknown, computed.unwrap());
    assert_eq!(said(&planned), None);
    // The apply learns the version, and keeps the record that was planned.
    let known_now = Model { kubernetes_version: known("1.32.4-eks-1"), ..planned };
    let state = fleet.assert(known_now, true, &mut Diagnostics::new()).unwrap();
    assert_eq!(said(&state), None);
    // The file says it, so that nothing is left to do.
    let state = fleet.refresh(&state);
    assert!(!fleet.is_changed(&state));
    let snapshot = fleet.store().snapshot().unwrap();
    let filed = snapshot.clusters.values().next().unwrap().record.particulars.clone().unwrap();
    assert_eq!(filed.kubernetes_version.as_deref(), Some("1.32.4-eks-1"));
    assert_eq!(filed.owner.as_deref(), Some("Team Pay"));
    assert_eq!(filed.managed_by, US);
    // The next change brings the whole record.
    let upgraded = Model { kubernetes_version: known("1.33.0"), ..state.clone() };
    let (state, _) = fleet.apply(&upgraded, Some(&state));
    assert_eq!(said(&state).unwrap().kubernetes_version.as_deref(), Some("1.33.0"));
    let ownerless = Model { owner: Attr::Null, ..state.clone() };
    let (state, _) = fleet.apply(&ownerless, Some(&state));
    assert_eq!(said(&state).unwrap().owner, None);
    assert!(!fleet.is_changed(&fleet.refresh(&state)));
}

/// A version of the provider that says more must not plan a change for each cluster there is.
#[test]
fn a_record_of_an_earlier_version_stays_while_its_file_does() {
    let fleet = Fleet::with_account(US, true);
    let (state, _) = fleet.apply(&config("pay-01"), None);
    let mut record = Record::parse(state.record.as_str().unwrap()).unwrap();
    record.particulars = None;
    let old = Model { record: known(&record.to_canonical_json().unwrap()), ..state.clone() };
    assert!(!fleet.is_changed(&fleet.refresh(&old)));
    let changed = Model { owner: known("Team Pay"), ..old.clone() };
    let (new, _) = fleet.apply(&changed, Some(&old));
    assert!(new.record.as_str().unwrap().contains("Team Pay"));
}

#[test]
fn an_unknown_provider_block_does_not_stop_a_plan() {
    let memory = Memory::default();
    let view = View {
        store: None,
        managed_by: None,
        memory: &memory,
        account: None,
        tells_misfits: true,
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
    fleet.store().put_cluster(&document, &Seen::default()).unwrap();
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
fn a_create_of_a_name_in_state_is_a_replacement_in_disguise() {
    let fleet = Fleet::with_account(US, true);
    let store = fleet.store();
    let memory = Memory::default();
    let view = View {
        store: Some(&store),
        managed_by: Some(US),
        memory: &memory,
        account: None,
        tells_misfits: true,
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

#[test]
fn an_account_that_nobody_has_is_told_once_with_those_that_are_there() {
    let fleet = Fleet::with_account(US, true);
    let misspelt = Model { account: known("payment-prod"), ..config("pay-01") };
    let (_, diagnostics) = fleet.plan(&misspelt, None);
    let told: Vec<_> = diagnostics.iter().collect();
    let [one] = told.as_slice() else { panic!("{told:?}") };
    assert!(one.detail.ends_with("FLEET0324") && one.detail.contains("`payments-prod`"), "{one:?}");
    // The plan that keeps the key waits for it, and one that retires the cluster does not.
    let (state, _) = fleet.apply(&misspelt, None);
    assert!(fleet.plan(&state, Some(&state)).1.is_empty());
    let retired = Model { lifecycle_state: known("retired"), ..misspelt };
    assert!(Fleet::with_account(US, true).plan(&retired, None).1.is_empty());
}

#[test]
fn versions_and_words_about_software_are_held_at_their_place() {
    let told = |version: &str, engine: &str, mode: &str| {
        let gitops = model::Gitops { engine: known(engine), controller_mode: known(mode) };
        let model = Model {
            kubernetes_version: known(version),
            gitops: Attr::Known(gitops),
            ..config("pay-01")
        };
        let mut told = Diagnostics::new();
        check::check(&model, &mut told);
        assert!(told.iter().all(|of| of.detail.ends_with("FLEET0309")), "{told:?}");
        told.iter().map(|of| of.path.as_ref().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told("1.32.4-eks-1a2b3c", "flux", "hub"), [""; 0]);
    let all = ["kubernetes_version", "gitops.engine", "gitops.controller_mode"];
    assert_eq!(told("v1.32", "argo", "x"), all);
    assert_eq!(told("latest", "", "Local"), all);
    // What is not known yet is looked at once it is.
    let later = model::Gitops { engine: Attr::Unknown, controller_mode: Attr::Unknown };
    let unknown =
        Model { kubernetes_version: Attr::Unknown, gitops: Attr::Known(later), ..config("pay-01") };
    let mut none = Diagnostics::new();
    check::check(&unknown, &mut none);
    assert!(none.is_empty());
}

#[test]
fn zones_of_another_region_and_taints_of_one_key_and_effect_are_refused() {
    let problems = |model: &Model| {
        let mut told = Diagnostics::new();
        check::check(model, &mut told);
        told.iter().map(|of| of.path.as_ref().unwrap().to_string()).collect::<Vec<_>>()
    };
    let zones = |names: &[&str]| Model {
        zones: Attr::Known(names.iter().map(|name| (*name).to_owned()).collect()),
        ..config("pay-01")
    };
    let good = ["ap-southeast-1a", "apse1-az1", "ap-southeast-1-han-1a"];
    assert_eq!(problems(&zones(&good)), [""; 0]);
    for other in ["eu-west-1a", "ap-southeast-2a", "us-east-1-bos-1a", "us-gov-west-1b"] {
        assert_eq!(problems(&zones(&[other])), ["zones"], "{other}");
        let elsewhere = Model { cloud: known("onprem"), ..zones(&[other]) };
        assert_eq!(problems(&elsewhere), [""; 0], "{other}");
    }
    let taint = |value: &str, effect: &str| model::Taint {
        key: known("pci"),
        value: known(value),
        effect: known(effect),
    };
    let taints = |all: Vec<model::Taint>| Model { taints: Attr::Known(all), ..config("pay-01") };
    let differ = vec![taint("a", "NoSelect"), taint("a", "NoSelectIfNew")];
    assert_eq!(problems(&taints(differ)), [""; 0]);
    let twice = vec![taint("a", "NoSelect"), taint("b", "NoSelect")];
    assert_eq!(problems(&taints(twice)), ["taints[1].key"]);
}
