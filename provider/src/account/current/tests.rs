use tfplugin::Attr;

use super::super::tests::{planned, put_cluster};
use super::*;
use crate::config::{RunLimits, Settings, Unknown};
use crate::inventory::{Freshness, Store};

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

/// A desk over an inventory that is kept in no Git.
fn desk(directory: &std::path::Path) -> Desk {
    let runtime = Arc::new(Runtime::default());
    runtime.configure(Settings {
        managed_by: text("platform"),
        default_tags: Attr::Null,
        ignored_tags: Attr::Null,
        inventory_path: text(directory.to_str().unwrap()),
        inventory_freshness: Freshness::Git,
        inventory_remote: Attr::Null,
        inventory_branch: Attr::Null,
        inventory_acknowledged: Attr::Null,
        email_pattern: Attr::Null,
        blast_radius: RunLimits::default(),
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
        desk.retires(&active("active"), &active("frozen")).unwrap(),
        desk.lets_go(&retired).unwrap(),
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
    assert!(desk.retires(&at("retired", "retired"), &at("retired", "retired")).is_none());
    assert!(desk.retires(&at("frozen", "active"), &at("active", "active")).is_none());
    assert!(desk.lets_go(&at("retired", "closed")).is_none());
}
