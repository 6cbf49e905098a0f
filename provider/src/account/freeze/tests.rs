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
