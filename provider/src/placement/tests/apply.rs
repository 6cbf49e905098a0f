use std::fs;

use serde_json::json;

use super::world::{State, World, errors, record, tainted, warnings};

/// Between plan and apply the world changed so that the choice would be another one.
#[test]
fn another_decision_stops_the_apply_and_says_what_changed() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let arguments = json!({ "strategy": { "count": 1 }, "emit": world.emit() });
    let config = world.config(arguments.clone());
    let planned = world.plan(&config, &State::none());
    let chosen = if world_has(&planned.planned, "a") { ("a", "r1", "b") } else { ("b", "r2", "a") };
    world.register(&tainted(chosen.0, chosen.1, "NoSelect"));

    let saved = world.carry_out(&config, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0413"]);
    let detail = &saved.diagnostics.iter().next().unwrap().detail;
    assert!(detail.contains(&format!(" - {}   planned {} active", chosen.0, chosen.1)), "{detail}");
    assert!(detail.contains(&format!(" + {}   not planned", chosen.2)), "{detail}");
    assert!(saved.state.is_null());
    assert!(!world.path("targets").exists() && !world.path("apps").exists());
}

/// A change in the store that leaves this choice as it is does not stop it.
#[test]
fn a_change_that_does_not_touch_the_decision_goes_on() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({ "strategy": { "count": 1 } }));
    let planned = world.plan(&config, &State::none());
    let mut elsewhere = record("test", "r1");
    elsewhere["environment"] = json!("test");
    world.register(&elsewhere);
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert!(saved.diagnostics.is_empty(), "{:?}", saved.diagnostics);
}

/// A version that is only known in the apply makes the same choice there as the plan made without it.
#[test]
fn what_the_plan_could_not_know_of_a_cluster_makes_no_other_choice() {
    let world = World::new(&[("old", "r1")]);
    let new = record("new", "r1");
    let selector = json!({ "managed_by": ["platform"] });
    let inventory = json!(world.inventory(std::slice::from_ref(&new)));
    let config = world.config_of(inventory, json!({ "selector": selector }));
    let planned = world.plan(&config, &State::none());
    world.register(&new);
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert!(!saved.diagnostics.has_errors(), "{:?}", saved.diagnostics);
    let state = State { value: saved.state, private: saved.private };
    assert_eq!(state.targets().into_keys().collect::<Vec<_>>(), ["old"]);
    // The next plan knows it, from the file.
    let config = world.config(json!({ "selector": selector }));
    let state = world.apply(&config, &state);
    assert_eq!(state.targets().into_keys().collect::<Vec<_>>(), ["new", "old"]);
    world.assert_settled(&config, &state);
}

#[test]
fn nothing_fits_any_more_is_a_changed_decision() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({}));
    let planned = world.plan(&config, &State::none());
    world.unregister("a");
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0413"]);
}

/// The gate: the plan may choose a planned cluster whose account is not ready; the apply may not.
#[test]
fn a_target_that_the_store_does_not_admit_is_refused_before_anything_is_written() {
    let world = World::new(&[]);
    world.account(false);
    let new = record("a", "r1");
    let inventory = json!(world.inventory(std::slice::from_ref(&new)));
    let config = world.config_of(inventory, json!({ "emit": world.emit() }));
    let planned = world.plan(&config, &State::none());
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0421"]);
    assert!(!planned.diagnostics.has_errors());
    world.register(&new);

    let saved = world.carry_out(&config, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0414"]);
    let detail = &saved.diagnostics.iter().next().unwrap().detail;
    assert!(detail.contains(" a   open: oidc-trust, password-policy"), "{detail}");
    assert!(saved.state.is_null());
    assert!(!world.path("targets").exists() && !world.path("apps").exists());

    world.account(true);
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert!(saved.diagnostics.is_empty(), "{:?}", saved.diagnostics);
}

/// It never latches, and it closes the door to new targets only.
#[test]
fn incumbents_stay_when_their_account_is_not_ready_any_more() {
    let world = World::new(&[("a", "r1")]);
    let arguments = json!({ "emit": world.emit() });
    let state = world.apply(&world.config(arguments.clone()), &State::none());
    world.account(false);
    world.assert_settled(&world.config(arguments.clone()), &state);

    // A newcomer that is only in the store is not chosen while it is not admitted.
    world.register(&record("b", "r2"));
    world.assert_settled(&world.config(arguments.clone()), &state);
    // The file can still be written again.
    fs::remove_file(world.path("targets/app-prod.json")).unwrap();
    let config = world.config(arguments);
    let after = world.apply(&config, &world.refresh(&state));
    // What it remembers of the inventory is newer.
    assert_eq!(after.json(), state.json());

    world.account(true);
    let opened = world.apply(&config_after(&world), &after);
    assert_eq!(opened.targets().into_keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_planned_cluster_that_was_never_registered_stops_the_apply() {
    let world = World::new(&[]);
    let inventory = json!(world.inventory(&[record("a", "r1")]));
    let config = world.config_of(inventory, json!({}));
    let planned = world.plan(&config, &State::none());
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0434"]);
    let said = &saved.diagnostics.iter().next().unwrap().detail;
    assert!(said.contains("The plan chose `a`, since"), "{said}");
    assert!(saved.state.is_null());
}

#[test]
fn a_store_that_is_gone_is_an_error_and_no_empty_fleet() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({}));
    let state = world.apply(&config, &State::none());
    let wider = json!({ "strategy": { "count": 1 } });
    let config = world.config(wider);
    let planned = world.plan(&config, &state);
    fs::rename(world.path("inventory"), world.path("elsewhere")).unwrap();
    let saved = world.carry_out(&config, &state, &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0415"]);
    assert_eq!(saved.state, state.value);
}

fn world_has(planned: &tfplugin::Value, name: &str) -> bool {
    let targets = tfplugin::value::json::to_json(planned).unwrap()["targets"].clone();
    targets.as_object().unwrap().contains_key(name)
}

fn config_after(world: &World) -> tfplugin::Value {
    world.config(json!({ "emit": world.emit() }))
}
