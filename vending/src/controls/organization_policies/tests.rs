//! Observation → decision and check.

use fleet_model::readiness::Verdict;
use fleet_model::tags;

use super::super::testing::{ACCOUNT, Example, Fake, OU, ROOT, World};
use super::*;

const FIRST: &str = "fleet-prod-restricted-foundation";

/// Every policy of the profile, attached to `target`.
fn all(desired: &Desired, target: &str) -> Observation {
    let found = desired.policies.iter().map(|(name, wanted)| {
        let policy = ServiceControlPolicy {
            id: format!("p-{name}"),
            targets: BTreeSet::from([target.to_owned()]),
        };
        let content = PolicyContent { content: wanted.content.clone(), tags: wanted.marks.clone() };
        (name.clone(), (policy, Some(content)))
    });
    Observation { enabled: true, found: found.collect() }
}

/// The same, as `verify` reads it.
fn without_content(mut observation: Observation) -> Observation {
    for (_, content) in observation.found.values_mut() {
        *content = None;
    }
    observation
}

fn verdict(mode: ControlMode, desired: &Desired, observation: &Observation) -> Check {
    check(mode, desired, &Ok(observation.clone()))
}

#[test]
fn attached_to_the_account_or_above_it_passes() {
    let example = Example::new();
    let desired = desired(&example.scope());
    for (target, expected) in [
        (ACCOUNT, Verdict::Pass),
        (OU, Verdict::Pass),
        (ROOT, Verdict::Pass),
        ("ou-ab12-sandbox0", Verdict::Fail),
        ("444455556666", Verdict::Fail),
    ] {
        let seen = all(&desired, target);
        assert_eq!(verdict(ControlMode::Own, &desired, &seen).verdict, expected, "{target}");
        let seen = without_content(seen);
        assert_eq!(verdict(ControlMode::Verify, &desired, &seen).verdict, expected, "{target}");
        assert_eq!(decide(ControlMode::Verify, &desired, &seen), [], "{target}");
        let lacks = if expected == Verdict::Pass { 0 } else { desired.policies.len() };
        assert_eq!(missing(&desired, &seen).len(), lacks, "{target}");
    }
}

#[test]
fn where_it_is_attached_is_not_evidence_that_moves() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let above = verdict(ControlMode::Own, &desired, &all(&desired, ROOT));
    let below = verdict(ControlMode::Own, &desired, &all(&desired, ACCOUNT));
    assert_eq!(above, below);
}

#[test]
fn own_makes_attaches_and_repairs() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let none = Observation { enabled: true, ..Observation::default() };
    let made = decide(ControlMode::Own, &desired, &none);
    assert_eq!(made.len(), 3);
    for change in &made {
        assert!(matches!(change, Change::Create { policy, target }
            if target == ACCOUNT && policy.tags[tags::KEY] == policy.name));
    }

    let elsewhere = all(&desired, "ou-ab12-sandbox0");
    let attached = decide(ControlMode::Own, &desired, &elsewhere);
    assert!(attached.iter().all(|change| matches!(change, Change::Attach { .. })));
    assert_eq!(attached.len(), 3);

    let mut emptied = all(&desired, ACCOUNT);
    emptied.found.get_mut(FIRST).unwrap().1.as_mut().unwrap().content = "{}".into();
    let content = desired.policies[FIRST].content.clone();
    assert_eq!(
        decide(ControlMode::Own, &desired, &emptied),
        [Change::Update { id: format!("p-{FIRST}"), content }]
    );
    assert_eq!(verdict(ControlMode::Own, &desired, &emptied).verdict, Verdict::Fail);
}

#[test]
fn another_managers_content_is_neither_changed_nor_attached() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let mut seen = all(&desired, "ou-ab12-sandbox0");
    let content = seen.found.get_mut(FIRST).unwrap().1.as_mut().unwrap();
    content.content = "{}".into();
    content.tags.insert(tags::MANAGED_BY.into(), "landing-zone".into());
    assert!(
        decide(ControlMode::Own, &desired, &seen).iter().all(
            |change| matches!(change, Change::Attach { id, .. } if !id.ends_with("foundation"))
        )
    );
    let found = verdict(ControlMode::Own, &desired, &seen);
    assert!(found.what_to_do.contains("landing-zone"), "{}", found.what_to_do);
}

#[test]
fn a_type_that_is_not_enabled_is_a_finding_and_no_work() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let seen = Observation::default();
    for mode in [ControlMode::Own, ControlMode::Verify] {
        assert_eq!(decide(mode, &desired, &seen), []);
        let found = verdict(mode, &desired, &seen);
        assert_eq!(found.verdict, Verdict::Fail);
        assert!(found.what_to_do.contains("EnablePolicyType"), "{}", found.what_to_do);
    }
    assert_eq!(verdict(ControlMode::Ignore, &desired, &seen).verdict, Verdict::NotApplicable);
}

/// One policy serves many accounts: were the role of one left out of it, the next account would
/// put it back, and so on for ever.
#[test]
fn a_role_that_the_policies_would_deny_is_a_finding() {
    let mut example = Example::new();
    let usual = desired(&example.scope()).policies[FIRST].content.clone();
    example.contract.role_name = "Custom".into();
    let desired = desired(&example.scope());
    assert_eq!(desired.policies[FIRST].content, usual);
    let seen = Observation { enabled: true, ..Observation::default() };
    assert_eq!(decide(ControlMode::Own, &desired, &seen), []);
    let found = verdict(ControlMode::Own, &desired, &seen);
    assert_eq!(found.verdict, Verdict::Fail);
    assert!(found.what_to_do.contains("bootstrap_role_names"), "{}", found.what_to_do);
    let attached = without_content(all(&desired, ROOT));
    assert_eq!(verdict(ControlMode::Verify, &desired, &attached).verdict, Verdict::Pass);
}

/// Two accounts that create the same policy at once end with one policy, attached to both.
#[tokio::test]
async fn the_slower_of_two_creators_attaches_what_the_faster_made() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let fake = Fake::new(World { policies_enabled: true, ..World::default() });
    let none = observe(ControlMode::Own, &fake, &desired).await.unwrap();
    let changes = decide(ControlMode::Own, &desired, &none);
    let theirs: Vec<Change> = changes
        .iter()
        .cloned()
        .map(|change| match change {
            Change::Create { policy, .. } => {
                Change::Create { policy, target: "444455556666".into() }
            }
            other => other,
        })
        .collect();
    assert_eq!(act(&fake, &theirs).await, []);
    assert_eq!(act(&fake, &changes).await, []);
    let seen = observe(ControlMode::Own, &fake, &desired).await.unwrap();
    assert_eq!(seen.found.len(), 3);
    for (policy, _) in seen.found.values() {
        assert_eq!(policy.targets, BTreeSet::from([ACCOUNT.into(), "444455556666".into()]));
    }
}
