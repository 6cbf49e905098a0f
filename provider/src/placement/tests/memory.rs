//! An older copy of the inventory, and clusters that are gone from it.

use std::fs;

use serde_json::{Value as Json, json};
use tfplugin::erased::Planned;

use super::world::{State, World, errors, record, tainted};

#[test]
fn a_target_whose_cluster_is_gone_needs_the_fingerprint_of_exactly_this_change() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let with =
        |acknowledge: Option<&str>| json!({ "blast_radius": { "acknowledge": acknowledge } });
    let state = world.apply(&world.config(with(None)), &State::none());
    assert_eq!(state.targets().len(), 2);
    world.unregister("b");
    let planned = world.plan(&world.config(with(None)), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0321"]);
    let detail = planned.diagnostics.iter().find(|of| of.detail.contains("FLEET0321"));
    let detail = detail.unwrap().detail.clone();
    assert!(detail.contains("This placement runs on b,"), "{detail}");
    let fingerprint = detail.split("acknowledge = \"").nth(1).unwrap();
    let fingerprint = fingerprint.split('"').next().unwrap();

    let wrong = world.config(with(Some("0000000000000000")));
    assert_eq!(errors(&world.plan(&wrong, &state).diagnostics), ["FLEET0321"]);
    let after = world.apply(&world.config(with(Some(fingerprint))), &state);
    assert_eq!(after.targets().into_keys().collect::<Vec<_>>(), ["a"]);
    world.assert_settled(&world.config(with(None)), &after);
}

/// Limits are passed with one fingerprint, the loss of a cluster with another; what was acknowledged for a drain
/// of the same cluster does for neither.
#[test]
fn an_acknowledged_drain_does_not_acknowledge_a_lost_file() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let with = |acknowledge: &str| {
        let limits = json!({ "max_removed": 0, "acknowledge": acknowledge });
        world.config(json!({ "blast_radius": limits }))
    };
    let state = world.apply(&with(""), &State::none());
    world.register(&tainted("b", "r2", "NoSelect"));
    let drain = fingerprint(detail(&world.plan(&with(""), &state), "FLEET0408"));
    assert!(!world.plan(&with(&drain), &state).diagnostics.has_errors());

    world.unregister("b");
    let planned = world.plan(&with(&drain), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0408"]);
    assert!(detail(&planned, "FLEET0408").contains("- b   active r2   GONE"));
    let limits = format!("{drain} {}", fingerprint(detail(&planned, "FLEET0408")));
    let planned = world.plan(&with(&limits), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0321"]);
    let gone = fingerprint(detail(&planned, "FLEET0321"));
    // It passes no limit by itself, either.
    assert_eq!(errors(&world.plan(&with(&gone), &state).diagnostics), ["FLEET0408"]);
    let after = world.apply(&with(&format!("{limits} {gone}")), &state);
    assert_eq!(after.targets().into_keys().collect::<Vec<_>>(), ["a"]);
    world.assert_settled(&with(""), &after);
}

#[test]
fn an_older_copy_of_the_inventory_is_refused_at_plan_and_in_apply() {
    let world = World::new(&[("a", "r1")]);
    let file = world.path("inventory/accounts/pay.yaml");
    let stale = fs::read(&file).unwrap();
    let config = |count: u64| world.config(json!({ "strategy": { "count": count } }));
    let state = world.apply(&config(1), &State::none());
    // The account is not ready any more, and an apply of the placement has seen it.
    world.account(false);
    let state = world.apply(&config(2), &state);
    let current = fs::read(&file).unwrap();
    let on_the_newer = world.plan(&config(3), &state);

    fs::write(&file, stale).unwrap();
    let planned = world.plan(&config(3), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0318"]);
    let detail =
        &planned.diagnostics.iter().find(|of| of.detail.contains("FLEET0318")).unwrap().detail;
    assert!(detail.contains("the file of the account `pay` has the serial 1"), "{detail}");
    assert!(!detail.contains("cluster `a`"), "{detail}");
    let config_of_newer = config(3);
    let saved = world.carry_out(&config_of_newer, &state, &on_the_newer);
    assert!(errors(&saved.diagnostics).contains(&"FLEET0318"), "{:?}", saved.diagnostics);

    fs::write(&file, current).unwrap();
    assert!(errors(&world.plan(&config(3), &state).diagnostics).is_empty());
}

fn detail<'a>(planned: &'a Planned, code: &str) -> &'a str {
    &planned.diagnostics.iter().find(|of| of.detail.ends_with(code)).unwrap().detail
}

fn fingerprint(detail: &str) -> String {
    detail.split("acknowledge = \"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Clusters and an account that were let go and came back under their names: all are told at once, and what
/// was acknowledged is forgotten.
#[test]
fn everything_that_began_anew_is_acknowledged_together_and_once() {
    let world = World::new(&[("a", "r1"), ("b", "r2"), ("c", "r3")]);
    let config = |count: u64, acknowledge: Option<&str>| {
        let limits = json!({ "max_added": 0, "acknowledge": acknowledge });
        world.config(json!({ "strategy": { "count": count }, "blast_radius": limits }))
    };
    // The third write of each.
    for (name, region) in [("a", "r1"), ("b", "r2")] {
        world.register(&tainted(name, region, "NoSelectIfNew"));
        world.register(&record(name, region));
    }
    world.account(false);
    world.account(true);
    let state = world.apply(&config(3, None), &State::none());
    assert_eq!(state.json()["acknowledged"], Json::Null);
    for (name, region) in [("a", "r1"), ("b", "r2")] {
        world.unregister(name);
        world.register(&record(name, region));
    }
    let planned = world.plan(&config(3, None), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0318"]);
    let told = detail(&planned, "FLEET0318");
    for name in ["a", "b"] {
        let older = format!("the cluster `{name}` has the serial 1, and the serial 3 was seen");
        assert!(told.contains(&older), "{told}");
    }
    let of_two = fingerprint(told);
    assert!(!world.plan(&config(3, Some(&of_two)), &state).diagnostics.has_errors());

    // It fits no more than what it named.
    fs::remove_file(world.path("inventory/accounts/pay.yaml")).unwrap();
    world.account(true);
    let planned = world.plan(&config(3, Some(&of_two)), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0318"]);
    let of_three = fingerprint(detail(&planned, "FLEET0318"));
    // It is an update, though no target changes: else nothing would be kept.
    let planned = world.plan(&config(3, Some(&of_three)), &state);
    assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
    assert_ne!(planned.planned, state.value);

    // Beside a change beyond the limits.
    world.register(&record("d", "r4"));
    let planned = world.plan(&config(4, Some(&of_three)), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0408"]);
    let all = format!("{of_three} {}", fingerprint(detail(&planned, "FLEET0408")));
    let after = world.apply(&config(4, Some(&all)), &state);
    assert_eq!(after.targets().len(), 4);
    assert_eq!(after.json()["acknowledged"], json!(of_three));
    world.assert_settled(&config(4, None), &after);

    // From here on it counts as before.
    let stale = fs::read(world.path("inventory/clusters/a.yaml")).unwrap();
    world.register(&tainted("a", "r1", "NoSelectIfNew"));
    world.register(&record("e", "r5"));
    let limits = json!({ "strategy": { "count": 5 } });
    let newer = world.apply(&world.config(limits.clone()), &after);
    fs::write(world.path("inventory/clusters/a.yaml"), stale).unwrap();
    let planned = world.plan(&world.config(limits), &newer);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0318"]);
}

/// A serial that somebody wrote into a file is nothing that was seen: the file's last version is not older.
#[test]
fn an_edited_serial_poisons_no_placement() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let config = |count: u64| world.config(json!({ "strategy": { "count": count } }));
    let state = world.apply(&config(1), &State::none());
    let files = ["accounts/pay.yaml", "clusters/a.yaml", "clusters/b.yaml"];
    let files = files.map(|name| world.path("inventory").join(name));
    let written = files.clone().map(|path| fs::read_to_string(path).unwrap());
    let edit = |these: &[usize]| {
        for index in these {
            let text = written[*index].replace("serial: 1\n", "serial: 1000000\n");
            fs::write(&files[*index], text).unwrap();
        }
    };
    // A cluster's edited file counts as it stands; an account's admits nothing new, and takes nothing away.
    edit(&[1, 2]);
    let state = world.apply(&config(2), &state);
    edit(&[0]);
    let state = world.apply(&config(2), &state);
    for (path, text) in files.iter().zip(&written) {
        fs::write(path, text).unwrap();
    }
    world.assert_settled(&config(2), &state);
}
