//! What one run knows of its placements, in whatever order core tells of them.

use super::*;

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn workload(app: &str) -> Workload {
    Workload { app: app.into(), environment: "prod".into(), namespace: "team".into() }
}

fn claim(name: &str, object: Object, clusters: &[&str]) -> Claim {
    let names = clusters.iter().map(|of| (format!("{name}-{of}"), key(of)));
    Claim {
        key: key(name),
        object,
        workload: Some(workload(name)),
        applications: Some(("argocd".into(), names.collect())),
        runs_on: BTreeSet::new(),
    }
}

fn old(instance: &str) -> Object {
    Object::Old(instance.into())
}

/// A placement of the state, on one cluster.
fn kept(name: &str, instance: &str, of: &str) -> Kept {
    let (key, workload) = (key(name), Some(workload(of)));
    Kept { key, object: old(instance), workload, runs_on: [self::key("c1")].into() }
}

#[test]
fn a_key_is_one_objects() {
    let run = Run::default();
    assert_eq!(run.claim(&claim("a", Object::New, &[])), []);
    assert_eq!(run.claim(&claim("a", Object::New, &[])), [Conflict::Key(Some(workload("a")))]);
    // The same object is planned again, as a replacement is.
    assert_eq!(run.claim(&claim("b", old("1"), &[])), []);
    assert_eq!(run.claim(&claim("b", old("1"), &[])), []);
    // One of the state meets one that the plan creates.
    assert_eq!(run.claim(&claim("a", old("1"), &[])), [Conflict::Key(Some(workload("a")))]);
}

#[test]
fn two_placements_make_no_application_of_one_name() {
    let run = Run::default();
    assert_eq!(run.claim(&claim("pay-prod", Object::New, &["eu-a"])), []);
    let other = claim("pay-prod-eu", Object::New, &["a", "b"]);
    let conflict = Conflict::Application {
        name: "pay-prod-eu-a".into(),
        cluster: key("a"),
        other: (key("pay-prod"), key("eu-a")),
    };
    assert_eq!(run.claim(&other), [conflict]);
    // Another Argo CD has names of its own.
    let run = Run::default();
    let mut elsewhere = other;
    elsewhere.applications = elsewhere.applications.map(|(_, names)| ("argo".into(), names));
    assert_eq!(run.claim(&claim("pay-prod", Object::New, &["eu-a"])), []);
    assert_eq!(run.claim(&elsewhere), []);
}

/// Whichever of the two core tells of first.
#[test]
fn a_placement_is_not_destroyed_and_created_in_one_plan() {
    let run = Run::default();
    run.loaded(key("a"), Some(workload("a")));
    assert_eq!(run.claim(&claim("a", Object::New, &[])), [Conflict::InState]);

    let run = Run::default();
    assert_eq!(run.claim(&claim("a", Object::New, &[])), []);
    assert_eq!(run.destroys(&kept("a", "1", "a")), Some(Ends::Replaced(key("a"))));

    let renamed = Claim { workload: Some(workload("a")), ..claim("b", Object::New, &[]) };
    let run = Run::default();
    assert_eq!(run.destroys(&kept("a", "1", "a")), None);
    assert_eq!(run.claim(&renamed), [Conflict::Replaces(key("a"))]);
    let run = Run::default();
    assert_eq!(run.claim(&renamed), []);
    assert_eq!(run.destroys(&kept("a", "1", "a")), Some(Ends::Replaced(key("b"))));
    // A second one of the same workload, and the end of another one, are what they are.
    let run = Run::default();
    assert_eq!(run.claim(&renamed), []);
    assert_eq!(run.destroys(&kept("c", "1", "c")), None);
}

#[test]
fn moves_are_counted_once_for_each_placement() {
    let run = Run::default();
    let moves = |removed| Moves { placements: 1, removed };
    assert_eq!(run.moves(&key("a"), moves(2)).removed, 2);
    assert_eq!(run.moves(&key("b"), moves(1)), Moves { placements: 2, removed: 3 });
    assert_eq!(run.moves(&key("a"), moves(1)), Moves { placements: 2, removed: 2 });
    assert_eq!(run.moves(&key("a"), Moves::default()), Moves { placements: 1, removed: 1 });
}

/// `-target` let the second one be created while the first was out of sight. Whichever core tells of first.
#[test]
fn two_objects_of_the_state_with_one_key_are_found() {
    let on = |cluster: &str| BTreeSet::from([key(cluster)]);
    let second = Claim { runs_on: on("c2"), ..claim("a", old("2"), &[]) };
    let run = Run::default();
    assert_eq!(run.claim(&second), []);
    let twins = Twins { this: (on("c1"), Fate::Goes), other: (on("c2"), Fate::Stays) };
    assert_eq!(run.destroys(&kept("a", "1", "a")), Some(Ends::Twin(twins)));

    let run = Run::default();
    assert_eq!(run.destroys(&kept("a", "1", "a")), None);
    let twins = Twins { this: (on("c2"), Fate::Stays), other: (on("c1"), Fate::Goes) };
    assert_eq!(run.claim(&second), [Conflict::Twin(twins)]);

    // Both blocks are there.
    let run = Run::default();
    let first = Claim { runs_on: on("c1"), ..claim("a", old("1"), &[]) };
    assert_eq!(run.claim(&first), []);
    let twins = Twins { this: (on("c2"), Fate::Stays), other: (on("c1"), Fate::Stays) };
    assert_eq!(run.claim(&second), [Conflict::Twin(twins)]);

    // Both go, as with `terraform destroy`; and one object is planned as often as core likes.
    let run = Run::default();
    for _ in 0..2 {
        assert_eq!(run.reads(&kept("a", "1", "a")), None);
        assert_eq!(run.destroys(&kept("a", "1", "a")), None);
        assert_eq!(run.destroys(&kept("a", "2", "a")), None);
    }
}

/// A refresh does not know what becomes of the two.
#[test]
fn a_refresh_finds_two_objects_of_one_key() {
    let run = Run::default();
    let second = Kept { runs_on: [key("c2")].into(), ..kept("a", "2", "a") };
    assert_eq!(run.reads(&kept("a", "1", "a")), None);
    assert_eq!(run.reads(&kept("a", "1", "a")), None);
    let on = |cluster: &str| (BTreeSet::from([key(cluster)]), Fate::Open);
    assert_eq!(run.reads(&second), Some(Beside::Twin(Twins { this: on("c2"), other: on("c1") })));
}

/// A block `removed` that destroys nothing lets go of a placement without any plan of it.
#[test]
fn a_new_placement_beside_one_of_the_same_workload_is_told_once() {
    let new = Claim { workload: Some(workload("a")), ..claim("b", Object::New, &[]) };
    let second = [Conflict::Second(key("a"))];
    let run = Run::default();
    run.loaded(key("a"), Some(workload("a")));
    assert_eq!(run.claim(&new), second);
    assert_eq!(run.reads(&kept("a", "1", "a")), None);

    let run = Run::default();
    assert_eq!(run.claim(&new), []);
    let beside = Some(Beside::SameWorkload(key("b")));
    assert_eq!(run.reads(&kept("a", "1", "a")), beside);
    assert_eq!(run.reads(&kept("a", "1", "a")), None);
    assert_eq!(run.reads(&kept("c", "1", "c")), None);
    assert_eq!(run.reads(&kept("b", "1", "a")), Some(Beside::SameKey));
}
