use fleet_model::readiness::Verdict;
use tfplugin::Attr;

use super::super::tests::{document, planned, put_cluster};
use super::*;
use crate::config::{RunLimits, Settings, Unknown};
use crate::inventory::Freshness;

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

/// A desk over an inventory that is kept in no Git.
fn desk(directory: &std::path::Path) -> Desk {
    let runtime = Arc::new(Runtime::default());
    runtime.configure(Settings {
        vendors: Attr::Null,
        managed_by: text("platform"),
        default_tags: Attr::Null,
        ignored_tags: Attr::Null,
        inventory_path: text(directory.to_str().unwrap()),
        inventory_author: [None, None],
        inventory_freshness: Freshness::Git,
        inventory_remote: Attr::Null,
        inventory_branch: Attr::Null,
        inventory_acknowledged: Attr::Null,
        email_pattern: Attr::Null,
        blast_radius: RunLimits::default(),
        baseline_change_limit: Attr::Null,
        aws: Err(Unknown("region")),
    });
    Desk { runtime }
}

#[test]
fn what_comes_while_a_step_waits_is_seen_before_it_is_taken() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk(directory.path());
    let active = |state: &str| Model {
        lifecycle_state: text("retired"),
        lifecycle_phase: text(state),
        ..planned()
    };
    let retired = active("retired");
    let looks = [
        desk.retires(&active("active"), &active("frozen"), &Private::default()).unwrap(),
        desk.lets_go(&retired, &Private::default()).unwrap(),
    ];
    // Another process writes into the same directory.
    let store = Store::open(directory.path()).unwrap();
    for look in looks {
        let proof = look.proof();
        assert!(proof.holds() && look.refusal().is_none());
        put_cluster(&store, "late", "payments-prod", "active");
        assert!(!proof.holds());
        let refusal = look.refusal().unwrap();
        assert!(refusal.detail.contains("late") && refusal.detail.ends_with("FLEET0106"));
        std::fs::remove_file(directory.path().join("clusters/late.yaml")).unwrap();
        assert!(proof.holds() && look.refusal().is_none());
    }
}

#[test]
fn a_step_that_is_made_already_is_not_asked_about() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk(directory.path());
    let at = |state: &str, phase: &str| Model {
        lifecycle_state: text(state),
        lifecycle_phase: text(phase),
        ..planned()
    };
    let none = Private::default();
    assert!(desk.retires(&at("retired", "retired"), &at("retired", "retired"), &none).is_none());
    assert!(desk.retires(&at("frozen", "active"), &at("active", "active"), &none).is_none());
    assert!(desk.lets_go(&at("retired", "closed"), &none).is_none());
}

#[test]
fn a_store_without_the_accounts_own_file_proves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk(directory.path());
    let filed = document(Verdict::Pass);
    let model = Model { id: text(&filed.id), lifecycle_state: text("retired"), ..planned() };
    let at = |phase: &str| Model { lifecycle_phase: text(phase), ..model.clone() };
    let looks = |private: &Private| {
        [
            desk.retires(&model, &at("frozen"), private).unwrap(),
            desk.lets_go(&at("retired"), private).unwrap(),
        ]
    };
    for look in looks(&Private::default()) {
        assert!(look.proof().holds(), "no file was ever seen");
    }
    let store = Store::open(directory.path()).unwrap();
    let written = store.put_account(&filed, &Seen::default()).unwrap();
    let mut private = Private::default();
    written.keep(&mut private, SEEN);
    for look in looks(&private) {
        assert!(look.is_current().is_ok() && look.proof().holds());
    }
    std::fs::remove_file(directory.path().join("accounts/payments-prod.yaml")).unwrap();
    for look in looks(&private) {
        let refusal = look.is_current().unwrap_err();
        assert!(refusal.detail.contains("`accounts/payments-prod.yaml`"), "{refusal:?}");
        assert!(refusal.detail.ends_with("FLEET0317"), "{refusal:?}");
        assert!(!look.proof().holds());
    }
}
