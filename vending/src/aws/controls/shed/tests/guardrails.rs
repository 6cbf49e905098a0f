//! When guardrails come off an account, and whose.

use super::*;
use crate::aws::api::member::{PolicyContent, ServiceControlPolicy};
use crate::aws::policy::organization::own_name;
use crate::error::{Error, Kind};
use crate::warning::{Stays, Warning};

const PLAIN: &str = "fleet-regulated-foundation";

fn detached(fake: &Fake) -> Vec<String> {
    let mut calls = fake.writes();
    calls.retain(|call| call.starts_with("organizations:DetachPolicy"));
    calls
}

/// Every way in which nothing binds the account instead, though no act failed: the old guardrails stay until something does.
#[tokio::test]
async fn a_guardrail_stays_while_nothing_is_seen_in_its_place() {
    type Arrange = fn(&mut World, &mut Example);
    let rows: [(&str, Arrange); 4] = [
        ("a policy that cannot be found", |world, _| {
            world.failing.insert("organizations:ListTargetsForPolicy", Kind::Throttled);
        }),
        ("a policy's text that cannot be read", |world, _| {
            world.failing.insert("organizations:DescribePolicy", Kind::Denied);
            let of = ServiceControlPolicy { id: "p-new".into(), targets: BTreeSet::new() };
            let content = PolicyContent { content: "{}".into(), tags: Tags::new() };
            world.policies.insert("fleet-sandbox-foundation".into(), (of, content));
        }),
        ("a way in that the new ones would deny", |_, example| example.access.clear()),
        ("guardrails that are not switched on", |world, _| world.policies_enabled = false),
    ];
    for (case, arrange) in rows {
        let (fake, mut example) = vended().await;
        let access = example.access.clone();
        example.contract.baseline_policy = BaselinePolicy::Sandbox;
        let held = example.memory.made.guardrails.clone();
        arrange(&mut fake.0.lock().unwrap(), &mut example);
        let report = apply(&fake, &mut example).await;
        assert_eq!(detached(&fake), Vec::<String>::new(), "{case}");
        assert!(report.has_leftovers, "{case}");
        assert!(example.memory.made.guardrails.is_superset(&held), "{case}");
        // And then they go.
        {
            let mut world = fake.0.lock().unwrap();
            world.failing.clear();
            world.policies_enabled = true;
        }
        example.access = access;
        apply(&fake, &mut example).await;
        assert_eq!(detached(&fake).len(), held.len(), "{case}");
    }
}

/// Where the account sits is not known.
#[tokio::test]
async fn a_guardrail_stays_while_the_path_is_not_known() {
    let (fake, mut example) = vended().await;
    example.contract.baseline_policy = BaselinePolicy::Sandbox;
    let error =
        Error::new("organizations:ListParents", Kind::Throttled, "slow down".to_owned(), "4711");
    let scope = super::super::super::Scope { path: Err(&error), ..example.scope() };
    let report = repair(&fake.ports(), &scope).await;
    assert!(report.has_leftovers);
    assert_eq!(detached(&fake), Vec::<String>::new());
}

/// Ours stands beside another manager's on the account, and comes off: by an apply that was cut short, or by hand. What is
/// left is never ours to take off, whatever the memory says.
#[tokio::test]
async fn what_another_manager_attached_stays_on_the_account() {
    for (case, off_before, manager) in [
        ("both are on it", false, Some("other")),
        ("both, and theirs is nobody's", false, None),
        ("ours is off already", true, Some("other")),
        ("ours is off already, and theirs is nobody's", true, None),
    ] {
        let (fake, mut example) = vended().await;
        {
            let mut world = fake.0.lock().unwrap();
            let own = own_name(PLAIN, "platform");
            let mut ours = world.policies[PLAIN].clone();
            ours.0.id = "p-ours".into();
            ours.1.tags.insert("fleet:key".into(), own.clone());
            ours.1.tags.extend(example.scope().marks_of(&own));
            if off_before {
                ours.0.targets.clear();
            }
            world.policies.insert(own, ours);
            let theirs = &mut world.policies.get_mut(PLAIN).unwrap().1.tags;
            theirs.remove("fleet:managed-by");
            theirs.extend(manager.map(|of| ("fleet:managed-by".to_owned(), of.to_owned())));
        }
        ignore(ORGANIZATION_POLICIES)(&mut example);
        let report = apply(&fake, &mut example).await;
        assert_eq!((report.problems, report.has_leftovers), (vec![], false), "{case}");
        let world = fake.0.lock().unwrap();
        assert!(world.policies[PLAIN].0.targets.contains(ACCOUNT), "{case}");
        assert!(
            !world.policies[&own_name(PLAIN, "platform")].0.targets.contains(ACCOUNT),
            "{case}"
        );
        let told = Warning::Stays(Stays::Guardrail {
            name: PLAIN.into(),
            manager: manager.map(str::to_owned),
        });
        assert_eq!(report.warnings, if off_before { vec![told] } else { vec![] }, "{case}");
    }
}

/// A look that finds another manager's where ours was forgets ours.
#[tokio::test]
async fn what_another_manager_attached_is_not_remembered() {
    let (fake, mut example) = vended().await;
    let theirs = [("fleet:managed-by".to_owned(), "other".to_owned())];
    fake.0.lock().unwrap().policies.get_mut(PLAIN).unwrap().1.tags.extend(theirs);
    apply(&fake, &mut example).await;
    let held = example.memory.made.guardrails;
    assert_eq!((held.contains(PLAIN), held.len()), (false, 3));
}
