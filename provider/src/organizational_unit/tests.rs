//! Plans of organizational units, without a call.

use std::collections::BTreeMap;

use tfplugin::Attr;
use tfplugin::diagnostic::Diagnostics;

use super::Model;
use super::plan::{Planned, plan};

fn model(name: &str, parent: Attr<String>) -> Model {
    Model {
        name: name.into(),
        parent,
        tags: Attr::Null,
        adopt: Attr::Known(false),
        timeouts: Attr::Null,
        id: Attr::Unknown,
        arn: Attr::Unknown,
        parent_id: Attr::Unknown,
        path: Attr::Unknown,
        tags_all: Attr::Unknown,
    }
}

fn prior(path: &str, parent: Attr<String>, parent_id: &str) -> Model {
    let name = fleet_vending::unit_path::split(path).unwrap().pop().unwrap();
    Model {
        id: "ou-ab12-00000001".into(),
        arn: "arn:aws:organizations::1:ou/o-1/ou-ab12-00000001".into(),
        parent_id: parent_id.into(),
        path: path.into(),
        tags_all: Attr::Known(BTreeMap::new()),
        ..model(&name, parent)
    }
}

fn planned(desired: &Model, prior: Option<&Model>) -> (Planned, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let planned = plan(desired, prior, Some(&crate::tags::Rules::default()), &mut diagnostics);
    (planned, diagnostics.iter().map(|diagnostic| diagnostic.summary.clone()).collect())
}

#[test]
fn the_path_is_known_when_its_parts_are() {
    for (parent, path) in [
        (Attr::Null, Attr::from("Prod")),
        (Attr::from("Workloads"), Attr::from("Workloads/Prod")),
        (Attr::from("ou-ab12-00000002"), Attr::Unknown),
        (Attr::Unknown, Attr::Unknown),
    ] {
        assert_eq!(planned(&model("Prod", parent), None).0.path, path);
    }
}

#[test]
fn a_rename_keeps_what_is_above() {
    let before = prior("Workloads/Prod", "Workloads".into(), "ou-ab12-00000002");
    let (planned, said) = planned(&model("Live", "Workloads".into()), Some(&before));
    assert_eq!(planned.path, Attr::from("Workloads/Live"));
    assert!(said.is_empty());
}

#[test]
fn another_parent_is_refused_and_another_spelling_is_not() {
    let before = prior("Workloads/Prod", "Workloads".into(), "ou-ab12-00000002");
    for (parent, moves) in [
        (Attr::from("Workloads"), false),
        (Attr::from("ou-ab12-00000002"), false),
        (Attr::Unknown, false),
        (Attr::from("Other"), true),
        (Attr::from("ou-ab12-00000003"), true),
        (Attr::Null, true),
    ] {
        let (_, said) = planned(&model("Prod", parent.clone()), Some(&before));
        assert_eq!(!said.is_empty(), moves, "{parent:?}");
    }
    let top = prior("Prod", "r-ab12".into(), "r-ab12");
    assert!(planned(&model("Prod", Attr::Null), Some(&top)).1.is_empty());
}

#[test]
fn a_slash_in_a_name_is_no_step_of_the_path() {
    let mut before = prior("Workloads/R%2FD", "Workloads".into(), "ou-ab12-00000002");
    before.name = "R/D".into();
    let (renamed, said) = planned(&model("Research", "Workloads".into()), Some(&before));
    assert_eq!(renamed.path, Attr::from("Workloads/Research"));
    assert!(said.is_empty(), "{said:?}");
    // However the parent is spelled: the path is written in one way.
    for (parent, path) in [
        (Attr::Null, "R%2FD"),
        (Attr::from("CI%2FCD"), "CI%2FCD/R%2FD"),
        (Attr::from("CI/CD"), "CI/CD/R%2FD"),
        (Attr::from("ci%2fcd/50%"), "ci%2Fcd/50%25/R%2FD"),
    ] {
        assert_eq!(planned(&model("R/D", parent), None).0.path, Attr::from(path));
    }
    let deep = prior("CI%2FCD/R%2FD", "CI%2FCD".into(), "ou-ab12-00000002");
    let deep = Model { name: "R/D".into(), ..deep };
    assert!(planned(&model("R/D", "CI%2fCD".into()), Some(&deep)).1.is_empty());
    assert!(!planned(&model("R/D", "CI/CD".into()), Some(&deep)).1.is_empty());
}

#[test]
fn an_imported_unit_of_nobody_asks_for_consent() {
    let mut before = prior("Prod", Attr::Null, "r-ab12");
    before.adopt = Attr::Null;
    let asks = |adopt: bool| {
        let desired = Model { adopt: adopt.into(), ..model("Prod", Attr::Null) };
        planned(&desired, Some(&before)).1
    };
    assert_eq!(asks(false), ["The imported organizational unit is not managed"]);
    assert!(asks(true).is_empty());
}

#[test]
fn a_unit_six_below_the_root_is_refused_while_it_is_planned() {
    for (parent, refused) in [("a/b/c/d", false), ("a/b/c/d/e", true), ("ou-ab12-00000002", false)]
    {
        let (_, said) = planned(&model("Prod", parent.into()), None);
        assert_eq!(!said.is_empty(), refused, "{parent}");
    }
}

#[test]
fn unknown_default_tags_leave_the_tags_unknown() {
    let mut diagnostics = Diagnostics::default();
    let planned = plan(&model("Prod", Attr::Null), None, None, &mut diagnostics);
    assert!(planned.tags_all.is_unknown());
}

#[test]
fn a_parent_that_is_known_too_late_is_refused_in_the_apply() {
    let units = super::OrganizationalUnit::new(std::sync::Arc::default());
    let desired = model("Prod", Attr::from("Workloads//Prod"));
    let refused = units.job(&desired, std::collections::BTreeSet::new(), fleet_vending::Adopt::No);
    let told = refused.unwrap_err();
    assert!(told.detail.ends_with("FLEET0202"), "{told:?}");
    assert_eq!(told.path, Some("parent".into()));
}

#[test]
fn tags_that_differ_in_case_only_are_refused_with_the_default_ones() {
    let default_tags = BTreeMap::from([("Cost".to_owned(), "1".to_owned())]);
    let rules = crate::tags::Rules { default_tags, ..crate::tags::Rules::default() };
    let said = |key: &str| {
        let tags = Attr::Known([(key.to_owned(), Some("2".to_owned()))].into());
        let mut diagnostics = Diagnostics::default();
        plan(&Model { tags, ..model("Prod", Attr::Null) }, None, Some(&rules), &mut diagnostics);
        diagnostics.iter().map(|of| of.detail.ends_with("FLEET0008")).collect::<Vec<_>>()
    };
    assert_eq!(said("Cost"), Vec::<bool>::new());
    assert_eq!(said("cost"), [true]);
}
