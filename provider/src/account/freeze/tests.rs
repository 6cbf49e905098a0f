use fleet_model::lifecycle::LifecyclePhase;
use tfplugin::Attr;

use super::super::tests::planned;
use super::*;

#[test]
fn what_an_account_at_rest_is_moved_to_and_bound_by_is_named() {
    let prior = Model {
        lifecycle_phase: Attr::Known(LifecyclePhase::Frozen.as_str().to_owned()),
        ..planned()
    };
    let quarantine =
        Quarantine { parent: Parent::Path(vec!["R/D".into(), "Evil".into()]), policy_id: None };
    let moves = Confinement { moves_to: Some("ou-ab12-evil0000".into()), attaches: None };
    let both = Confinement { attaches: Some("p-another1".into()), ..moves.clone() };
    let told = |confinement: &Confinement| {
        confined(&prior, "ou-ab12-quaranti", confinement, Some(&quarantine))
    };
    assert!(told(&Confinement::default()).is_none());
    assert!(!told(&moves).unwrap().detail.contains("attaches"));
    let both = told(&both).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", both.summary, both.detail));
}

fn life(prior: &str) -> Model {
    Model {
        lifecycle_phase: Attr::Known(prior.to_owned()),
        lifecycle_state: Attr::Known(prior.to_owned()),
        parent_id: Attr::Known("ou-ab12-quaranti".to_owned()),
        ..planned()
    }
}

#[test]
fn what_holds_an_account_at_rest_is_not_taken_away_with_the_quarantine() {
    let policies = BTreeSet::from(["p-freeze01".to_owned()]);
    let by_policy = Memory { quarantine_policies: policies, ..Memory::default() };
    let parent_before = Some("ou-ab12-prod0000".to_owned());
    let by_place = Memory { parent_before, ..Memory::default() };
    for (from, to, memory, refused) in [
        ("frozen", "frozen", &by_policy, true),
        ("frozen", "retired", &by_place, true),
        ("retired", "retired", &by_place, true),
        // It is brought back, it was never held, or it is in use.
        ("frozen", "active", &by_policy, false),
        ("frozen", "frozen", &Memory::default(), false),
        ("active", "frozen", &by_place, false),
    ] {
        let told = opened(&life(to), &life(from), memory);
        assert_eq!(told.is_some(), refused, "{from} {to}");
    }
    let told = opened(&life("frozen"), &life("frozen"), &by_policy).unwrap();
    assert!(told.summary.starts_with("Account") && told.detail.contains("FLEET0185"), "{told:?}");
    assert!(told.detail.contains("held in ou-ab12-quaranti under the policy p-freeze01"));
}

#[test]
fn a_quarantine_that_went_while_nothing_changed_is_a_warning() {
    let unit = "ou-ab12-quaranti".to_owned();
    let refused = Refusal::NothingHolds { unit, enabled: true, nearest: None };
    let told = loosened(&life("frozen"), &refused);
    assert_eq!(told.severity, tfplugin::diagnostic::Severity::Warning);
    assert!(told.summary.ends_with("is not held any more") && told.summary.chars().count() <= 60);
    insta::assert_snapshot!(told.detail);
}

#[test]
fn who_goes_on_in_a_frozen_account_is_named() {
    let told = others(&life("active"), &BTreeSet::from(["arn:aws:iam::*:role/Ops*".to_owned()]));
    assert!(told.detail.contains("`arn:aws:iam::*:role/Ops*`"), "{told:?}");
    assert!(told.detail.contains("FLEET0186"), "{told:?}");
}
