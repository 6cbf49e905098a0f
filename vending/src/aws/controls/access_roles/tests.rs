//! Observation → decision and check.

use fleet_model::readiness::Verdict;
use fleet_model::tags;

use super::super::VendingRoles;
use super::super::testing::{ACCOUNT, Example};
use super::*;
use crate::error::Kind;

/// The account as the changes of a first apply leave it.
fn as_desired(desired: &Desired) -> Identities {
    let policy = |arn: &String, document: &String| ManagedPolicy {
        arn: arn.clone(),
        document: document.clone(),
        tags: desired.marks.clone(),
        ..ManagedPolicy::default()
    };
    let edge = (boundary::NAME.to_owned(), policy(&desired.boundary_arn, &desired.boundary));
    let others = desired
        .policies
        .iter()
        .map(|(name, (arn, document, _))| (name.clone(), policy(arn, document)));
    let roles = desired.roles.iter().map(|(name, wanted)| {
        let role = Role {
            trust: wanted.first_trust.clone(),
            boundary: Some(wanted.boundary.clone()),
            attached: wanted.attached.clone(),
            inline: BTreeSet::new(),
            tags: desired.marks.clone(),
        };
        (name.clone(), role)
    });
    Identities { roles: roles.collect(), policies: others.chain([edge]).collect() }
}

#[test]
fn an_empty_account_gets_the_boundary_first_and_all_of_each_role() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let changes = decide(ControlMode::Own, &desired, &Identities::default());
    assert!(matches!(&changes[0], Change::CreatePolicy { name, .. } if name == "fleet-boundary"));
    let made: Vec<&String> = changes
        .iter()
        .filter_map(|change| match change {
            Change::CreateRole { name, boundary, tags, .. } => {
                assert_eq!(*boundary, format!("arn:aws:iam::{ACCOUNT}:policy/fleet-boundary"));
                for mark in [tags::ID, tags::KEY, tags::MANAGED_BY] {
                    assert!(tags.contains_key(mark), "{mark}");
                }
                Some(name)
            }
            _ => None,
        })
        .collect();
    assert_eq!(made, ["fleet-apply", "fleet-plan", "fleet-read-only"]);
    let verdict = check(ControlMode::Own, &desired, Some(&Ok(Identities::default()))).verdict;
    assert_eq!(verdict, Verdict::Fail);
}

#[test]
fn as_desired_is_a_pass_without_changes() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let observed = as_desired(&desired);
    assert_eq!(decide(ControlMode::Own, &desired, &observed), []);
    let check = check(ControlMode::Own, &desired, Some(&Ok(observed)));
    assert_eq!(check.verdict, Verdict::Pass, "{}", check.observed);
    assert_eq!(check.key(), "access-roles");
}

#[test]
fn each_drift_is_seen_and_mended_by_one_change() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let stranger = "arn:aws:iam::aws:policy/AdministratorAccess";
    type Drift = fn(&mut Identities);
    let drifts: [(&str, Drift, Vec<Change>); 6] = [
        (
            "the boundary was taken off",
            |seen| seen.roles.get_mut("fleet-plan").unwrap().boundary = None,
            vec![Change::PutBoundary {
                role: "fleet-plan".into(),
                boundary: desired.boundary_arn.clone(),
            }],
        ),
        (
            "a policy was attached",
            |seen| {
                let role = seen.roles.get_mut("fleet-plan").unwrap();
                role.attached.insert("arn:aws:iam::aws:policy/AdministratorAccess".into());
            },
            vec![Change::DetachPolicy { role: "fleet-plan".into(), policy: stranger.into() }],
        ),
        (
            "a policy was detached",
            |seen| seen.roles.get_mut("fleet-apply").unwrap().attached.clear(),
            vec![Change::AttachPolicy { role: "fleet-apply".into(), policy: stranger.into() }],
        ),
        (
            "an inline policy was written",
            |seen| {
                seen.roles.get_mut("fleet-plan").unwrap().inline.insert("extra".into());
            },
            vec![Change::DeleteInlinePolicy { role: "fleet-plan".into(), name: "extra".into() }],
        ),
        (
            "the trust of a role without federation was widened",
            |seen| {
                seen.roles.get_mut("fleet-read-only").unwrap().trust =
                    r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#
                        .into();
            },
            vec![Change::UpdateTrust {
                role: "fleet-read-only".into(),
                trust: desired.roles["fleet-read-only"].trust.clone().unwrap(),
            }],
        ),
        (
            "the boundary's document was emptied",
            |seen| {
                let policy = seen.policies.get_mut("fleet-boundary").unwrap();
                policy.document = r#"{"Statement":[]}"#.into();
                policy.other_versions = ["v1", "v2", "v3", "v4"].map(str::to_owned).to_vec();
            },
            vec![Change::UpdatePolicy {
                arn: desired.boundary_arn.clone(),
                document: desired.boundary.clone(),
                delete_version: Some("v1".into()),
            }],
        ),
    ];
    for (what, drift, changes) in drifts {
        let mut seen = as_desired(&desired);
        drift(&mut seen);
        assert_eq!(decide(ControlMode::Own, &desired, &seen), changes, "{what}");
        assert_eq!(decide(ControlMode::Verify, &desired, &seen), [], "{what}");
        for mode in [ControlMode::Own, ControlMode::Verify] {
            let check = check(mode, &desired, Some(&Ok(seen.clone())));
            assert_eq!(check.verdict, Verdict::Fail, "{what}");
        }
    }
}

#[test]
fn how_aws_writes_a_document_down_is_no_drift() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let mut seen = as_desired(&desired);
    let role = seen.roles.get_mut("fleet-read-only").unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&role.trust).unwrap();
    let action = document["Statement"][0]["Action"].take();
    document["Statement"][0]["Action"] = serde_json::json!([action]);
    role.trust = serde_json::to_string_pretty(&document).unwrap();
    assert_eq!(decide(ControlMode::Own, &desired, &seen), []);
    assert_eq!(check(ControlMode::Own, &desired, Some(&Ok(seen))).verdict, Verdict::Pass);
}

#[test]
fn what_another_manager_holds_is_refused_by_name() {
    let example = Example::new();
    let desired = desired(&example.scope());
    for (tags, said) in [
        (
            BTreeMap::from([(tags::MANAGED_BY.to_owned(), "landing-zone".to_owned())]),
            "landing-zone",
        ),
        (BTreeMap::new(), "no `fleet:managed-by`"),
    ] {
        let mut seen = as_desired(&desired);
        let role = seen.roles.get_mut("fleet-plan").unwrap();
        (role.tags, role.boundary) = (tags, None);
        assert_eq!(decide(ControlMode::Own, &desired, &seen), [], "{said}");
        let owned = check(ControlMode::Own, &desired, Some(&Ok(seen.clone())));
        assert_eq!(owned.verdict, Verdict::Fail);
        assert!(owned.what_to_do.contains(said), "{}", owned.what_to_do);
        assert!(owned.what_to_do.contains("fleet-plan"), "{}", owned.what_to_do);
    }
}

#[test]
fn the_plan_role_alone_gets_at_the_state_and_an_account_of_before_gains_it() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/fleet-state");
    let holders = desired.roles.iter().filter(|(_, role)| role.attached.contains(&arn));
    assert_eq!(holders.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["fleet-plan"]);

    // As an older version of the provider left it: the policy comes first, and nothing else changes.
    let mut seen = as_desired(&desired);
    seen.policies.remove("fleet-state");
    seen.roles.get_mut("fleet-plan").unwrap().attached.remove(&arn);
    let found = check(ControlMode::Own, &desired, Some(&Ok(seen.clone())));
    assert_eq!(found.verdict, Verdict::Fail);
    assert!(found.what_to_do.contains("fleet-state"), "{}", found.what_to_do);
    let changes = decide(ControlMode::Own, &desired, &seen);
    let [Change::CreatePolicy { name, document, .. }, Change::AttachPolicy { role, policy }] =
        changes.as_slice()
    else {
        panic!("{changes:?}");
    };
    assert_eq!((name.as_str(), role.as_str(), policy), ("fleet-state", "fleet-plan", &arn));
    assert!(document.contains(&format!("fleet-state-{ACCOUNT}-*-an")));
}

/// A policy under one of our names that is somebody else's may allow anything, or as a boundary limit nothing.
#[test]
fn no_role_is_given_what_somebody_else_wrote_under_our_name() {
    let mut example = Example::new();
    example.vending =
        VendingRoles { works_from: "111122223333", manage: Some("fleet-vending"), read: None };
    let desired = desired(&example.scope());
    let roles = |changes: &[Change]| -> BTreeSet<String> {
        let made = |change: &Change| match change {
            Change::CreateRole { name, .. } => Some(name.clone()),
            _ => None,
        };
        changes.iter().filter_map(made).collect()
    };
    let attached = |changes: &[Change], arn: &str| {
        changes
            .iter()
            .any(|change| matches!(change, Change::AttachPolicy { policy, .. } if policy == arn))
    };
    for (foreign, made) in [
        ("fleet-boundary", vec!["fleet-vending"]),
        ("fleet-state", vec!["fleet-apply", "fleet-plan", "fleet-read-only", "fleet-vending"]),
        ("fleet-vending", vec!["fleet-apply", "fleet-plan", "fleet-read-only"]),
    ] {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{foreign}");
        let policy = ManagedPolicy {
            arn: arn.clone(),
            document: r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.into(),
            ..ManagedPolicy::default()
        };
        let seen = Identities {
            policies: BTreeMap::from([(foreign.to_owned(), policy)]),
            ..Identities::default()
        };
        let changes = decide(ControlMode::Own, &desired, &seen);
        assert_eq!(roles(&changes), made.into_iter().map(str::to_owned).collect(), "{foreign}");
        assert!(!attached(&changes, &arn), "{foreign}");
        let found = check(ControlMode::Own, &desired, Some(&Ok(seen)));
        assert!(found.what_to_do.contains(foreign), "{}", found.what_to_do);
    }
    // Of a role of ours that is there it is not given either.
    let mut seen = as_desired(&desired);
    let arn = format!("arn:aws:iam::{ACCOUNT}:policy/fleet-state");
    seen.policies.get_mut("fleet-state").unwrap().tags.clear();
    seen.roles.get_mut("fleet-plan").unwrap().attached.remove(&arn);
    assert_eq!(decide(ControlMode::Own, &desired, &seen), []);
}

#[test]
fn to_verify_means_not_to_ask_whose_it_is() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let mut seen = as_desired(&desired);
    seen.roles.get_mut("fleet-plan").unwrap().tags.clear();
    seen.policies.get_mut("fleet-boundary").unwrap().tags.clear();
    assert_eq!(check(ControlMode::Verify, &desired, Some(&Ok(seen))).verdict, Verdict::Pass);
}

#[test]
fn a_federated_role_is_made_shut_where_its_trust_is_not_ours() {
    let mut example = Example::new();
    example.contract.controls.insert(OIDC_TRUST.to_owned(), ControlMode::Verify);
    let desired = desired(&example.scope());
    let federated = &desired.roles["fleet-apply"];
    assert!(federated.first_trust.contains("\"Deny\"") && !federated.first_trust.contains("Allow"));
    assert_eq!(federated.trust, None);
}

#[test]
fn errors_and_absence_are_unknown() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let error = Error::new(API, Kind::Denied, "AccessDenied", "request id 4711");
    let unknown = check(ControlMode::Own, &desired, Some(&Err(error)));
    assert_eq!(unknown.verdict, Verdict::Unknown);
    assert!(!format!("{unknown:?}").contains("4711"));
    assert_eq!(check(ControlMode::Own, &desired, None).verdict, Verdict::Unknown);
    assert_eq!(check(ControlMode::Ignore, &desired, None).verdict, Verdict::NotApplicable);
}

/// The account as the changes leave it, one after the other.
fn applied(desired: &Desired, mut seen: Identities) -> Identities {
    for change in decide(ControlMode::Own, desired, &seen) {
        match change {
            Change::CreatePolicy { name, document, tags, .. } => {
                let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
                let policy = ManagedPolicy { arn, document, tags, ..ManagedPolicy::default() };
                seen.policies.insert(name, policy);
            }
            Change::CreateRole { name, trust, boundary, tags, .. } => {
                let role = Role { trust, boundary: Some(boundary), tags, ..Role::default() };
                seen.roles.insert(name, role);
            }
            Change::AttachPolicy { role, policy } => {
                seen.roles.get_mut(&role).unwrap().attached.insert(policy);
            }
            other => panic!("{other:?}"),
        }
    }
    seen
}

#[test]
fn roles_of_vending_s_own_are_made_bounded_by_their_own_policy_and_trust_who_vends() {
    let mut example = Example::new();
    example.vending = VendingRoles {
        works_from: "111122223333",
        manage: Some("fleet-vending"),
        read: Some("fleet-vending-plan"),
    };
    let desired = desired(&example.scope());
    let made = applied(&desired, Identities::default());
    assert_eq!(decide(ControlMode::Own, &desired, &made), []);
    let verdict = check(ControlMode::Own, &desired, Some(&Ok(made.clone()))).verdict;
    assert_eq!(verdict, Verdict::Pass);
    for name in ["fleet-vending", "fleet-vending-plan"] {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/{name}");
        let role = &made.roles[name];
        assert_eq!(role.boundary.as_ref(), Some(&arn));
        assert_eq!(role.attached, BTreeSet::from([arn]));
        assert!(role.trust.contains("arn:aws:iam::111122223333:root"), "{}", role.trust);
        assert!(role.trust.contains("aws:PrincipalOrgID"), "{}", role.trust);
    }
    assert!(!made.policies["fleet-vending-plan"].document.contains("iam:Create"));

    // Somebody widens the reading role: it is put back.
    let mut widened = made;
    widened.policies.get_mut("fleet-vending-plan").unwrap().document = r#"{"Statement":[]}"#.into();
    assert!(matches!(
        decide(ControlMode::Own, &desired, &widened).as_slice(),
        [Change::UpdatePolicy { arn, .. }] if arn.ends_with("policy/fleet-vending-plan")
    ));
}
