//! The account's arguments, what a plan refuses, and what goes into the inventory file and back.

use std::collections::{BTreeMap, BTreeSet};

use fleet_model::account::ControlMode;
use fleet_model::contact::{Contact, ContactType};
use fleet_model::inventory::{AccountDocument, ClusterDocument};
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::readiness::{Check, Readiness, Severity, Verdict};
use fleet_vending::Phase;
use fleet_vending::aws::api::AccountState;
use fleet_vending::memory::Before;
use fleet_vending::{Attempt, Facts, Failure, Memory, Outcome, Refusal};
use tfplugin::diagnostic::{Diagnostics, Path};
use tfplugin::{Attr, Timeouts};

use super::model::{Identity, Model, Provider, Role};
use super::{check, contacts, contract, facts, plan, report};
use crate::inventory::{Seen, Store};
use crate::tags;

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn map(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// An account as a plan knows it: every argument, and nothing found yet.
pub(super) fn planned() -> Model {
    Model {
        vendor: Attr::Null,
        vendor_settings: Attr::Null,
        name: text("payments-prod"),
        email: text("aws+payments-prod@example.com"),
        key: text("payments-prod"),
        account_class: text("regulated-prod-workloads"),
        environment: text("prod"),
        owner: text("payments-platform"),
        data_classification: text("pci"),
        parent: text("Workloads/Prod"),
        onboarding_parent: Attr::Null,
        region_set: Attr::Known(BTreeSet::from(["ap-southeast-1".to_owned()])),
        network_profile: text("private-service"),
        baseline_policy: text("prod-restricted"),
        baseline_version: Attr::Known(1),
        budget_owner: text("payments"),
        gitops_enabled: Attr::Known(true),
        tags: Attr::Known(tags::written(map(&[("cost-center", "4711")]))),
        identity: Attr::Known(identity("example/platform")),
        controls: Attr::Known(map(&[("password-policy", "verify")])),
        email_update_otp: Attr::Null,
        registrars: Attr::Null,
        alternate_contacts: contacts::written(BTreeMap::from([(
            ContactType::Security,
            contact("Security team"),
        )])),
        iam_user_access_to_billing: text("DENY"),
        role_name: text("OrganizationAccountAccessRole"),
        lifecycle_state: text("active"),
        close_on_deletion: Attr::Known(true),
        adopt: Attr::Known(false),
        timeouts: Attr::Known(Timeouts { create: text("45m"), ..Timeouts::default() }),
        id: Attr::Unknown,
        pending_email: Attr::Null,
        arn: Attr::Unknown,
        organization_id: Attr::Unknown,
        parent_id: Attr::Unknown,
        state: Attr::Unknown,
        phase: Attr::Unknown,
        status_reason: Attr::Unknown,
        create_request_id: Attr::Unknown,
        joined_at: Attr::Unknown,
        tags_all: Attr::Known(map(&[("cost-center", "4711"), ("team", "a")])),
        ready: Attr::Unknown,
        readiness: Attr::Unknown,
        lifecycle_phase: Attr::Unknown,
        inventory_sha256: Attr::Unknown,
    }
}

fn contact(name: &str) -> Contact {
    Contact {
        name: name.to_owned(),
        title: "On call".to_owned(),
        email: "security@example.com".to_owned(),
        phone_number: "+65 6123 4567".to_owned(),
    }
}

fn identity(repository: &str) -> Identity {
    let github = Provider {
        url: text("https://token.actions.githubusercontent.com"),
        audiences: Attr::Known(BTreeSet::from(["sts.amazonaws.com".to_owned()])),
    };
    let apply = Role {
        provider: text("github"),
        owner_id: text("123456"),
        repository_id: text("456789"),
        subject_format: text("immutable"),
        claims: Attr::Known(map(&[("repository", repository), ("environment", "prod")])),
    };
    Identity {
        providers: Attr::Known(BTreeMap::from([("github".to_owned(), github)])),
        roles: Attr::Known(BTreeMap::from([("apply".to_owned(), apply)])),
    }
}

pub(super) fn outcome(verdict: Verdict) -> Outcome {
    let passes = verdict == Verdict::Pass;
    Outcome {
        facts: Facts {
            id: "111122223333".to_owned(),
            arn: "arn:aws:organizations::999999999999:account/o-a/111122223333".to_owned(),
            organization_id: "o-a".to_owned(),
            parent_id: "ou-ab12-prod0000".to_owned(),
            state: AccountState::Active,
            name: "payments-prod".to_owned(),
            email: "aws+payments-prod@example.com".to_owned(),
            joined_at: Some("2026-11-23T00:00:00Z".to_owned()),
            create_request_id: Some("car-1".to_owned()),
            tags: map(&[
                ("cost-center", "4711"),
                ("team", "a"),
                ("foreign", "x"),
                ("fleet:id", "y"),
            ]),
        },
        phase: if passes { Phase::Ready } else { Phase::Baselined },
        status_reason: (!passes).then(|| "open checks: password-policy".to_owned()),
        readiness: Readiness::from_checks([Check {
            check: "password-policy".to_owned(),
            scope: String::new(),
            verdict,
            severity: Severity::Medium,
            expected: "14 characters".to_owned(),
            observed: "8 characters".to_owned(),
            api: "iam:GetAccountPasswordPolicy".to_owned(),
            what_to_do: "set it".to_owned(),
        }]),
        lifecycle_phase: LifecyclePhase::Active,
        closing_since: None,
        work: Vec::new(),
        work_bears: false,
        memory: Memory { password_policy: Some(Before::Nothing), ..Memory::default() },
        vendor: fleet_vending::VendorOutcome::default(),
        moved_away: false,
        contacts: BTreeMap::new(),
        duplicate: None,
        warnings: Vec::new(),
        unfinished: None,
        failures: Vec::new(),
    }
}

pub(super) fn document(verdict: Verdict) -> AccountDocument {
    let planned = planned();
    let agreed = contract::contract(&planned).unwrap();
    facts::document(&planned, agreed, "platform", &outcome(verdict))
}

#[test]
fn a_good_account_is_accepted_and_makes_a_contract() {
    let mut diagnostics = Diagnostics::new();
    check::check(&planned(), &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let agreed = contract::contract(&planned()).unwrap();
    assert_eq!(agreed.controls["password-policy"], ControlMode::Verify);
    assert_eq!(agreed.identity.unwrap().roles["apply"].owner_id.as_deref(), Some("123456"));
}

#[test]
fn each_bad_value_is_found_at_its_path() {
    let apply = Path::attribute("identity").nested("roles").key("apply");
    let repository = apply.nested("claims").key("repository");
    type Spoil = fn(&mut Model);
    let cases: [(Path, Spoil); 12] = [
        ("name".into(), |m| m.name = text("zahlungen-ü")),
        ("email".into(), |m| m.email = text("nowhere")),
        ("key".into(), |m| m.key = text("A Key")),
        ("account_class".into(), |m| m.account_class = text("organization-root")),
        ("environment".into(), |m| m.environment = text("Prod!")),
        ("parent".into(), |m| m.parent = text("/Workloads")),
        ("region_set".into(), |m| m.region_set = Attr::Known(BTreeSet::new())),
        ("region_set".into(), |m| {
            m.region_set = Attr::Known(BTreeSet::from(["singapore".to_owned()]));
        }),
        ("role_name".into(), |m| m.role_name = text("a role")),
        (Path::attribute("controls").key("firewalls"), |m| {
            m.controls = Attr::Known(map(&[("firewalls", "own")]));
        }),
        (Path::attribute("tags").key("fleet:id"), |m| {
            m.tags = Attr::Known(tags::written(map(&[("fleet:id", "x")])));
        }),
        (repository, |m| m.identity = Attr::Known(identity("example/*"))),
    ];
    for (path, spoil) in cases {
        let mut model = planned();
        spoil(&mut model);
        let mut diagnostics = Diagnostics::new();
        check::check(&model, &mut diagnostics);
        let paths: Vec<_> = diagnostics.iter().map(|of| of.path.clone()).collect();
        assert_eq!(paths, [Some(path)], "{diagnostics:?}");
    }
}

#[test]
fn what_is_only_checked_is_nobody_s_own() {
    for (mode, code) in [("own", Some("FLEET0250")), ("verify", None), ("ignore", None)] {
        let mut model = planned();
        model.controls = Attr::Known(map(&[("root-user", mode)]));
        let mut diagnostics = Diagnostics::new();
        check::check(&model, &mut diagnostics);
        let path = code.map(|_| Path::attribute("controls").key("root-user"));
        assert_eq!(diagnostics.iter().next().map(|of| of.path.clone()), path.map(Some), "{mode}");
        assert!(diagnostics.iter().all(|of| code.is_some_and(|code| of.detail.ends_with(code))));
    }
}

#[test]
fn a_name_that_is_no_key_needs_one() {
    let mut diagnostics = Diagnostics::new();
    check::check_key_from_name("Payments Prod", &mut diagnostics);
    assert!(diagnostics.iter().any(|of| of.detail.contains("Give the account a `key`")));
    let mut diagnostics = Diagnostics::new();
    check::check_key_from_name("payments-prod", &mut diagnostics);
    assert!(!diagnostics.has_errors());
    // An account that exists has its key, whatever it is called.
    check::check(
        &Model { name: text("Payments Prod"), key: Attr::Null, ..planned() },
        &mut diagnostics,
    );
    assert!(!diagnostics.has_errors());
}

#[test]
fn unknown_values_pass_and_make_no_contract() {
    let model = Model { email: Attr::Unknown, identity: Attr::Unknown, ..planned() };
    let mut diagnostics = Diagnostics::new();
    check::check(&model, &mut diagnostics);
    assert!(!diagnostics.has_errors());
    assert_eq!(contract::contract(&model), None);
}

#[test]
fn the_file_says_what_an_import_must_read_back() {
    let first = planned();
    let document = document(Verdict::Fail);
    assert!(!document.ready);
    assert_eq!(document.open_checks, map(&[("password-policy", "8 characters")]));
    assert_eq!(document.arguments.default_tags, BTreeSet::from(["team".to_owned()]));
    let back = contract::read_back(document);
    assert_eq!(contract::contract(&back), contract::contract(&first));
    assert_eq!((&back.parent, &back.tags), (&first.parent, &first.tags));
    assert!(first.timeouts.is_known());
    assert_eq!(back.timeouts, first.timeouts);
    assert_eq!(back.close_on_deletion, Attr::Known(true));
    assert_eq!(back.alternate_contacts, first.alternate_contacts);
    assert_eq!(back.iam_user_access_to_billing, first.iam_user_access_to_billing);
    let ours = |of: &Model| tags::Rules::default().set_before(&of.tags_all);
    assert_eq!(ours(&back), ours(&first));
}

#[test]
fn an_account_that_is_not_ready_says_why_even_when_no_check_fails() {
    let planned = planned();
    let agreed = contract::contract(&planned).unwrap();
    let mut found = outcome(Verdict::Pass);
    (found.phase, found.status_reason) = (Phase::Regions, Some("not in its parent".to_owned()));
    let document = facts::document(&planned, agreed, "platform", &found);
    assert_eq!(document.open_checks, map(&[("phase", "regions: not in its parent")]));
}

#[test]
fn the_state_has_neither_our_tags_nor_foreign_ones_and_keeps_what_identifies_the_account() {
    let mut found = outcome(Verdict::Pass);
    let state = facts::observed_tags(planned(), &found.facts.tags);
    let state = facts::state(state, &found, Some("abc".to_owned()));
    assert_eq!(state.tags_all, Attr::Known(map(&[("cost-center", "4711"), ("team", "a")])));
    assert_eq!(state.ready, Attr::Known(true));
    assert_eq!(state.create_request_id, text("car-1"));

    // A refresh sees no request any more, and a tag that is gone is drift.
    found.facts.create_request_id = None;
    found.facts.tags.remove("cost-center");
    let next = facts::observed_tags(state, &found.facts.tags);
    let next = facts::state(next, &found, Some("abc".to_owned()));
    assert_eq!(next.create_request_id, text("car-1"));
    assert_eq!(next.tags, Attr::Known(BTreeMap::new()));
}

#[test]
fn what_is_frozen_is_refused_at_its_attribute() {
    assert!(plan::frozen(&planned(), &planned()).is_empty());
    type Change = fn(&mut Model);
    let changes: [(&str, Change); 3] = [
        ("iam_user_access_to_billing", |m| m.iam_user_access_to_billing = text("ALLOW")),
        ("key", |m| m.key = text("other")),
        ("role_name", |m| m.role_name = text("other")),
    ];
    for (attribute, change) in changes {
        let mut desired = planned();
        change(&mut desired);
        let refused = plan::frozen(&desired, &planned());
        let paths: Vec<_> = refused.iter().map(|of| of.path.clone()).collect();
        assert_eq!(paths, [Some(Path::attribute(attribute))]);
    }
}

#[test]
fn what_is_refused_is_said_at_the_argument_that_asked_for_it() {
    let no_id = || Refusal::NoSuchObject { object: "organizational unit ou-ab12-gone0000".into() };
    let no_path = || Refusal::NoSuchParent { path: "Gone".to_owned(), nearest: Vec::new() };
    for refusal in [no_id, no_path as fn() -> Refusal] {
        for (attempt, lifecycle_state, path) in [
            (Attempt::Parent, "active", "parent"),
            // In quarantine it is not where `parent` says.
            (Attempt::Parent, "frozen", "lifecycle_state"),
            (Attempt::Onboarding, "active", "onboarding_parent"),
            (Attempt::Shut, "retired", "lifecycle_state"),
        ] {
            let model = Model { lifecycle_state: text(lifecycle_state), ..planned() };
            let said = report::refused(&model, &Failure { attempt, refusal: refusal() });
            assert_eq!(said.path, Some(path.into()), "{attempt:?} {lifecycle_state}");
        }
        // A create fails before there is an account to be moved.
        let onboarding = Refusal::OnboardingParent(Box::new(refusal()));
        for (refusal, path) in [(refusal(), "parent"), (onboarding, "onboarding_parent")] {
            let said = report::not_vended(&planned(), &refusal);
            assert_eq!(said.path, Some(path.into()), "{refusal:?}");
        }
    }
}

#[test]
fn a_contact_shows_what_aws_has() {
    let state = planned();
    let seen = |found| contacts::observed(state.clone(), &found).alternate_contacts;
    let security = ContactType::Security;
    assert_eq!(seen(BTreeMap::new()), state.alternate_contacts, "not read");
    let other = contact("Somebody else");
    assert_eq!(
        seen(BTreeMap::from([(security, Some(other.clone()))])),
        contacts::written(BTreeMap::from([(security, other)]))
    );
    let gone = seen(BTreeMap::from([(security, None)]));
    assert_eq!(gone.known().map(|of| of.security.clone()), Some(Attr::Null));
    // One that is not ours is not shown.
    let billing = BTreeMap::from([(ContactType::Billing, Some(contact("Billing")))]);
    assert_eq!(seen(billing), state.alternate_contacts);
}

#[test]
fn after_a_failure_the_state_has_the_contacts_that_are_there() {
    let prior = planned();
    let (security, billing) = (ContactType::Security, ContactType::Billing);
    let left = contacts::left(&prior, &BTreeMap::from([(billing, Some(contact("Billing")))]));
    assert_eq!(
        left,
        contacts::written(BTreeMap::from([
            (security, contact("Security team")),
            (billing, contact("Billing")),
        ]))
    );
    assert_eq!(contacts::left(&prior, &BTreeMap::from([(security, None)])), Attr::Null);
}

#[test]
fn each_bad_contact_is_found_at_its_path() {
    type Spoil = fn(&mut Contact);
    let cases: [(&str, Spoil); 6] = [
        ("name", |c| c.name = String::new()),
        ("title", |c| c.title = "x".repeat(51)),
        ("email", |c| c.email = "nowhere".to_owned()),
        ("email", |c| c.email = "a b@example.com".to_owned()),
        ("phone_number", |c| c.phone_number = "call me".to_owned()),
        ("phone_number", |c| c.phone_number = "1".repeat(26)),
    ];
    for (attribute, spoil) in cases {
        let mut bad = contact("Security team");
        spoil(&mut bad);
        let asked = contacts::written(BTreeMap::from([(ContactType::Security, bad)]));
        let mut diagnostics = Diagnostics::new();
        check::check(&Model { alternate_contacts: asked, ..planned() }, &mut diagnostics);
        let paths: Vec<_> = diagnostics.iter().map(|of| of.path.clone()).collect();
        let path = Path::attribute("alternate_contacts").nested("security").nested(attribute);
        assert_eq!(paths, [Some(path)]);
    }
}

#[test]
fn only_a_retired_account_may_be_destroyed() {
    for (phase, refused) in [
        (text("active"), true),
        (Attr::Null, true),
        (Attr::Unknown, true),
        (text("frozen"), true),
        (text("retired"), false),
        (text("closed"), false),
    ] {
        let model = Model { lifecycle_phase: phase.clone(), ..planned() };
        assert_eq!(plan::refuse_destroy(&model).is_some(), refused, "{phase:?}");
    }
}

/// A cluster in the inventory.
pub(super) fn put_cluster(store: &Store, name: &str, account: &str, state: &str) {
    let cluster: fleet_model::cluster::Record = serde_json::from_value(serde_json::json!({
        "name": name, "account": account, "environment": "prod", "region": "ap-southeast-1",
        "cloud": "aws", "data_classification": "pci", "zones": [], "labels": {}, "taints": [],
        "schedulable": true, "lifecycle_state": state,
    }))
    .unwrap();
    let about = fleet_model::inventory::About::default();
    let document = ClusterDocument { serial: 0, managed_by: "p".to_owned(), cluster, about };
    store.put_cluster(&document, &Seen::default()).unwrap();
}
