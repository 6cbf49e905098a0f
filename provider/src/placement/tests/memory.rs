//! An older copy of the inventory, and clusters that are gone from it.

use std::fs;

use serde_json::json;

use super::world::{State, World, errors};

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
    let config_of_newer = config(3);
    let saved = world.carry_out(&config_of_newer, &state, &on_the_newer);
    assert!(errors(&saved.diagnostics).contains(&"FLEET0318"), "{:?}", saved.diagnostics);

    fs::write(&file, current).unwrap();
    assert!(errors(&world.plan(&config(3), &state).diagnostics).is_empty());
}
