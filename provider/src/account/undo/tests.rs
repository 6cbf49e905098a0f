use std::collections::{BTreeMap, BTreeSet};

use fleet_model::contact::{Contact, ContactType};
use fleet_model::readiness::Verdict;
use fleet_vending::Parent;

use super::super::tests::{document, planned};
use super::*;

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn quarantine(policy: &str) -> Quarantine {
    Quarantine { parent: Parent::Id("ou-ab12-quaranti".into()), policy_id: Some(policy.into()) }
}

fn remembered() -> Memory {
    Memory {
        parent_before: Some("ou-ab12-prod0000".to_owned()),
        quarantine_policies: BTreeSet::from(["p-freeze01".to_owned()]),
        ..Memory::default()
    }
}

/// An account in its life, where it sits, and the parent that is asked for.
fn account(phase: &str, wished: &str, parent: Attr<String>) -> Model {
    Model {
        lifecycle_phase: text(phase),
        lifecycle_state: text(wished),
        parent,
        parent_id: text("ou-ab12-quaranti"),
        phase: text("placed"),
        ..planned()
    }
}

#[test]
fn the_plan_names_each_thing_that_is_undone() {
    let back = "moves it from ou-ab12-quaranti back to ou-ab12-prod0000";
    let to_parent = "moves it from ou-ab12-quaranti to its parent Workloads/Prod";
    let off = "detaches the policy p-freeze01";
    for (phase, wished, parent, policy, lines) in [
        ("frozen", "active", Attr::Null, "p-freeze01", vec![back, off]),
        ("retired", "active", Attr::Null, "p-freeze01", vec![back, off]),
        ("frozen", "active", text("Workloads/Prod"), "p-freeze01", vec![to_parent, off]),
        // A freeze died before its state was saved.
        ("active", "active", Attr::Null, "p-freeze01", vec![back, off]),
        ("frozen", "frozen", Attr::Null, "p-freeze01", vec![]),
        ("active", "frozen", Attr::Null, "p-freeze01", vec![]),
        ("frozen", "frozen", Attr::Null, "p-another1", vec![off]),
        ("closed", "active", Attr::Null, "p-freeze01", vec![]),
    ] {
        let (memory, quarantine) = (remembered(), quarantine(policy));
        let prior = account(phase, phase, parent.clone());
        let desired = account(phase, wished, parent);
        let undo = Undo {
            desired: &desired,
            prior: &prior,
            memory: &memory,
            quarantine: Some(&quarantine),
        };
        let told = undo.told();
        let said = told.first().map(|of| of.detail.as_str()).unwrap_or_default();
        assert_eq!(told.len(), usize::from(!lines.is_empty()), "{phase} {wished}: {told:?}");
        for line in [back, to_parent, off] {
            assert_eq!(said.contains(line), lines.contains(&line), "{phase} {wished}: {said}");
        }
    }
}

#[test]
fn contacts_that_go_are_named_with_what_was_there_before() {
    let contact = |name: &str| Contact {
        name: name.to_owned(),
        title: "On call".to_owned(),
        email: "a@example.com".to_owned(),
        phone_number: "+65 1234".to_owned(),
    };
    let memory = Memory {
        contacts: BTreeMap::from([(ContactType::Security, Before::Was(contact("The former")))]),
        ..Memory::default()
    };
    let prior = account("active", "active", Attr::Null);
    let desired = Model { alternate_contacts: Attr::Null, ..prior.clone() };
    let undo = Undo { desired: &desired, prior: &prior, memory: &memory, quarantine: None };
    let [told] = &undo.told()[..] else { panic!("one warning") };
    assert_eq!(told.path, Some("alternate_contacts".into()));
    for part in ["the security contact, Security team", "it was The former"] {
        assert!(told.detail.contains(part), "{}", told.detail);
    }
    let undo = Undo { desired: &prior, ..undo };
    assert!(undo.told().is_empty());
}

#[test]
fn a_file_that_says_otherwise_stops_what_would_be_undone_and_nothing_else() {
    let file = |parent: &str| {
        let parent = ("parent".to_owned(), parent.to_owned());
        AccountDocument { prior_settings: BTreeMap::from([parent]), ..document(Verdict::Pass) }
    };
    let memory = remembered();
    for (phase, wished, parent, stops) in [
        ("frozen", "active", "ou-ab12-prod0000", false),
        ("frozen", "active", "ou-ab12-evil0000", true),
        ("active", "frozen", "ou-ab12-evil0000", false),
    ] {
        let (prior, desired) =
            (account(phase, phase, Attr::Null), account(phase, wished, Attr::Null));
        let quarantine = quarantine("p-freeze01");
        let quarantine = Some(&quarantine);
        let undo = Undo { desired: &desired, prior: &prior, memory: &memory, quarantine };
        let stopped = undo.contradiction(Some(&file(parent)));
        assert_eq!(stopped.is_some(), stops, "{phase} {wished} {parent}");
        assert!(undo.contradiction(None).is_none(), "a file that is lost says nothing");
    }
    // An account in use has nothing to undo, whatever its file says.
    let prior = account("active", "active", Attr::Null);
    let memory = Memory::default();
    let undo = Undo { desired: &prior, prior: &prior, memory: &memory, quarantine: None };
    assert!(undo.contradiction(Some(&file("ou-ab12-evil0000"))).is_none());
    assert!(undo.told().is_empty());
}

#[test]
fn a_parent_that_was_found_is_no_change_of_the_file() {
    let asked = document(Verdict::Pass);
    let mut private = Private::default();
    let mut seen = asked.clone();
    seen.arguments.parent = Some("ou-ab12-other000".to_owned());
    let mut written = seen.clone();
    keep_parent(&mut written, Some(&asked), &private);
    assert_eq!(written, seen, "it was asked for");
    found_parent(&mut private, "ou-ab12-other000");
    keep_parent(&mut written, Some(&asked), &private);
    assert_eq!(written, asked);
}

/// A contact that somebody else has written since is in the state, and is not deleted as ours.
#[test]
fn a_contact_that_somebody_else_has_written_is_told_and_stays() {
    let contact = |name: &str| Contact {
        name: name.to_owned(),
        title: "On call".to_owned(),
        email: format!("{name}@example.com"),
        phone_number: "+65 1234".to_owned(),
    };
    let prior = Model {
        alternate_contacts: contacts::written(BTreeMap::from([
            (ContactType::Billing, contact("hand")),
            (ContactType::Security, contact("guard")),
        ])),
        ..planned()
    };
    let desired = Model { alternate_contacts: Attr::Null, ..planned() };
    let set = BTreeMap::from([
        (ContactType::Billing, contact("pay")),
        (ContactType::Security, contact("guard")),
    ]);
    let memory = Memory { contacts_set: set.clone(), ..Memory::default() };
    let undo = Undo { desired: &desired, prior: &prior, memory: &memory, quarantine: None };
    let told: Vec<String> = undo.told().iter().map(|of| of.detail.clone()).collect();
    let [deleted, stays] = &told[..] else { panic!("{told:?}") };
    assert!(deleted.contains("guard") && !deleted.contains("hand"), "{deleted}");
    assert!(stays.contains("hand") && stays.contains("FLEET0181"), "{stays}");
    assert_eq!(contacts::set_before(&prior, &memory), set);
    // A state of before that was remembered: what it has is what was set.
    let known = contacts::set_before(&prior, &Memory::default());
    assert_eq!(known[&ContactType::Billing], contact("hand"));
}
