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
    Observation { enabled: true, found: found.collect(), ..Observation::default() }
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

/// Where another manager, or nobody, has the plain name, its policy counts only as it is wanted and where it is; else ours
/// is made beside it, and from then on that one counts.
#[tokio::test]
async fn another_managers_content_is_neither_changed_nor_attached() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let own = &desired.policies[FIRST].own.0;
    assert!(own.starts_with(FIRST) && own.len() == FIRST.len() + 9, "{own}");
    let text = desired.policies[FIRST].content.as_str();
    for (manager, text, target, counts) in [
        (Some("landing-zone"), text, ROOT, true),
        (None, text, OU, true),
        (Some("landing-zone"), text, "ou-ab12-sandbox0", false),
        (Some("landing-zone"), "{}", ROOT, false),
        (None, "{}", ROOT, false),
    ] {
        let mut seen = all(&desired, ROOT);
        let (policy, content) = seen.found.get_mut(FIRST).unwrap();
        policy.targets = BTreeSet::from([target.to_owned()]);
        let content = content.as_mut().unwrap();
        content.content = text.into();
        content.tags.remove(tags::MANAGED_BY);
        content.tags.extend(manager.map(|of| (tags::MANAGED_BY.into(), of.to_owned())));
        let policies = seen.found.iter().map(|(name, (policy, content))| {
            (name.clone(), (policy.clone(), content.clone().unwrap()))
        });
        let policies = policies.collect();
        let fake = Fake::new(World { policies_enabled: true, policies, ..World::default() });
        let seen = observe(ControlMode::Own, &fake, &desired).await.unwrap();
        let changes = decide(ControlMode::Own, &desired, &seen);
        if counts {
            assert_eq!(
                (changes, verdict(ControlMode::Own, &desired, &seen).verdict),
                (vec![], Verdict::Pass)
            );
            continue;
        }
        assert_eq!(verdict(ControlMode::Own, &desired, &seen).verdict, Verdict::Fail);
        assert_eq!(
            news(&desired, &seen, &changes),
            [News::Beside {
                name: FIRST.into(),
                manager: manager.map(str::to_owned),
                own: own.clone()
            }]
        );
        assert_eq!(attached(&desired, &changes, &seen), BTreeSet::from([FIRST.to_owned()]));
        let [Change::Create { policy, target }] = &changes[..] else { panic!("{changes:?}") };
        assert_eq!((&policy.name, target.as_str()), (own, ACCOUNT));
        assert_eq!(policy.tags[tags::KEY], *own);
        assert_eq!(act(&fake, &changes).await, []);
        assert!(fake.writes().iter().all(|call| !call.ends_with(&format!("p-{FIRST}"))));
        let seen = observe(ControlMode::Own, &fake, &desired).await.unwrap();
        assert_eq!(decide(ControlMode::Own, &desired, &seen), []);
        assert_eq!(verdict(ControlMode::Own, &desired, &seen).verdict, Verdict::Pass);
        // Who only verifies sees the one that binds the account.
        let seen = observe(ControlMode::Verify, &fake, &desired).await.unwrap();
        assert_eq!(missing(&desired, &seen), Vec::<String>::new());
    }
}

/// A policy of ours that is rewritten says whom it leaves out from then on, and what else of it changes.
#[test]
fn what_a_rewritten_policy_does_to_others_is_known() {
    let mut example = Example::new();
    let before = desired(&example.scope());
    example.access.push("Ops".to_owned());
    let after = desired(&example.scope());
    let tell = |from: &Desired, to: &Desired, edit: &dyn Fn(&mut String)| {
        let mut seen = all(from, ROOT);
        for (_, content) in seen.found.values_mut() {
            edit(&mut content.as_mut().unwrap().content);
        }
        news(to, &seen, &decide(ControlMode::Own, to, &seen))
    };
    let ops = BTreeSet::from(["arn:aws:iam::*:role/Ops".to_owned()]);
    let none = BTreeSet::new;
    let summed = |news: &[News]| {
        let mut all = (none(), none(), none(), 0);
        for of in news {
            let News::Rewritten(Text { comes_out, comes_in, changed, targets, .. }) = of else {
                panic!("{of:?}")
            };
            all.0.extend(comes_out.clone());
            all.1.extend(comes_in.clone());
            all.2.extend(changed.clone());
            all.3 += targets.len();
        }
        all
    };
    let as_is = |_: &mut String| {};
    let wider = tell(&before, &after, &as_is);
    let (out, into, changed, targets) = summed(&wider);
    assert_eq!((out, into, targets), (ops.clone(), none(), wider.len()));
    // What foundation keeps of the roles themselves names them.
    assert_eq!(changed, BTreeSet::from(["LeaveTheAccessRolesAlone".to_owned()]));
    let (out, into, ..) = summed(&tell(&after, &before, &as_is));
    assert_eq!((out, into), (none(), ops));
    let muted = tell(&before, &before, &|text| {
        *text = text.replace("organizations:LeaveOrganization", "x:Y");
    });
    let (out, into, changed, targets) = summed(&muted);
    assert_eq!((out, into, targets), (none(), none(), 1));
    assert_eq!(changed, BTreeSet::from(["StayInTheOrganization".to_owned()]));
    assert_eq!(tell(&before, &before, &as_is), []);
}

/// A text that another state with the same manager wrote stays, and nothing is attached; one that this account knows, that
/// somebody edited or that binds nobody else is written as it should be.
#[tokio::test]
async fn a_text_that_another_state_wrote_is_left_as_it_is() {
    let mut example = Example::new();
    example.access.push("Theirs".to_owned());
    let theirs = desired(&example.scope());
    example.access.pop();
    let ours = desired(&example.scope());
    let (written, wanted) = (&theirs.policies[FIRST].content, &ours.policies[FIRST].content);
    for (known, marked, target, writes) in [
        // An account that is new to the policy.
        (None, written, "444455556666", false),
        (None, wanted, "444455556666", true),
        (None, written, ACCOUNT, true),
        // Of an older version: what it said was not kept.
        (None, written, OU, true),
        (Some(wanted), written, OU, false),
        (Some(written), written, OU, true),
        (Some(wanted), wanted, OU, true),
        (Some(wanted), written, ACCOUNT, true),
    ] {
        let row = (known, marked == written, target);
        let known = known.map(|text| (FIRST.to_owned(), fingerprint(text)));
        example.memory.made.texts = known.into_iter().collect();
        let desired = desired(&example.scope());
        let mut seen = all(&desired, OU);
        let (policy, content) = seen.found.get_mut(FIRST).unwrap();
        policy.targets = BTreeSet::from([target.to_owned()]);
        let content = content.as_mut().unwrap();
        content.content = written.clone();
        content.tags.insert(tags::TEXT.to_owned(), fingerprint(marked));
        let changes = decide(ControlMode::Own, &desired, &seen);
        let found = verdict(ControlMode::Own, &desired, &seen);
        assert_eq!(found.verdict, Verdict::Fail, "{row:?}");
        let told = news(&desired, &seen, &changes);
        if writes {
            assert!(matches!(changes[0], Change::Update { .. }), "{row:?}: {changes:?}");
            assert!(matches!(told[..], [News::Rewritten(_)]), "{row:?}: {told:?}");
            continue;
        }
        assert_eq!(changes, [], "{row:?}");
        let [News::Held(text)] = &told[..] else { panic!("{row:?}: {told:?}") };
        assert_eq!(text.comes_in, BTreeSet::from(["arn:aws:iam::*:role/Theirs".to_owned()]));
        assert!(found.observed.contains("another state"), "{}", found.observed);
        assert!(found.what_to_do.contains(tags::TEXT), "{}", found.what_to_do);
    }
}

/// What is written says so beforehand: a run that dies in between leaves a text that counts as edited.
#[tokio::test]
async fn a_policy_is_marked_before_it_is_written() {
    let example = Example::new();
    let desired = desired(&example.scope());
    let fake = Fake::new(World { policies_enabled: true, ..World::default() });
    let none = Observation { enabled: true, ..Observation::default() };
    assert_eq!(act(&fake, &decide(ControlMode::Own, &desired, &none)).await, []);
    {
        let mut world = fake.0.lock().unwrap();
        world.policies.get_mut(FIRST).unwrap().1.content = "{}".into();
        world.failing.insert("organizations:UpdatePolicy", Kind::Unanswered);
    }
    let seen = observe(ControlMode::Own, &fake, &desired).await.unwrap();
    let changes = decide(ControlMode::Own, &desired, &seen);
    assert_eq!(act(&fake, &changes).await.len(), 1);
    let calls = fake.writes();
    let [.., marked, written] = &calls[..] else { panic!("{calls:?}") };
    assert!(marked.starts_with("organizations:TagResource"), "{marked}");
    assert!(written.starts_with("organizations:UpdatePolicy"), "{written}");
    fake.0.lock().unwrap().failing.clear();
    let seen = observe(ControlMode::Own, &fake, &desired).await.unwrap();
    assert_eq!(decide(ControlMode::Own, &desired, &seen), changes);
    assert_eq!(act(&fake, &changes).await, []);
    let (_, content) = fake.0.lock().unwrap().policies[FIRST].clone();
    assert_eq!(content.tags[tags::TEXT], fingerprint(&content.content));
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
