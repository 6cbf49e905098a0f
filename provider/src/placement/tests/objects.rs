//! Two objects of one key, or of one workload, as `-target`, `removed` and taints make them.

use std::fs;

use serde_json::json;
use tfplugin::Value;
use tfplugin::erased::Planned;

use super::world::{State, World, errors, warnings};
use crate::config::RunLimits;

const JSON: &str = "targets/app-prod.json";

/// A placement, and another of its key that was created while the first was out of sight.
fn twins(world: &World, first: &Value, second: &Value) -> (State, State) {
    let old = world.apply(first, &State::none());
    let new = world.apply(second, &State::none());
    (old, new)
}

fn paths(planned: &Planned) -> Vec<String> {
    planned.diagnostics.iter().map(|of| of.path.as_ref().unwrap().to_string()).collect()
}

/// The block was renamed under `-target`: the next whole plan destroys the old object and keeps the new one.
#[test]
fn two_objects_of_one_key_are_an_error_of_the_plan() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let on = |region: &str| {
        world.config(json!({ "selector": { "regions": [region] }, "emit": { "json": { "path": world.path("targets") } } }))
    };
    let (old, new) = twins(&world, &on("r1"), &on("r2"));
    // Whichever core tells of first, refreshed or not.
    for refresh in [true, false] {
        world.run(RunLimits::default());
        if refresh {
            assert_eq!(world.refresh(&new).targets(), new.targets());
        }
        assert!(world.plan_beside(&on("r2"), &new).diagnostics.is_empty());
        let planned = world.plan_destroy_beside(&old);
        assert_eq!(
            (errors(&planned.diagnostics), paths(&planned)),
            (vec!["FLEET0431"], vec!["key".into()])
        );
        let said = planned.diagnostics.iter().next().unwrap();
        assert!(
            said.detail.contains(
                "on `a` and is destroyed in this plan; the other one is on `b` and stays"
            ),
            "{}",
            said.detail
        );

        world.run(RunLimits::default());
        assert!(world.plan_destroy_beside(&old).diagnostics.is_empty());
        let planned = world.plan_beside(&on("r2"), &new);
        assert_eq!(errors(&planned.diagnostics), ["FLEET0431"]);
        let said = planned.diagnostics.iter().next().unwrap();
        assert!(
            said.detail.contains("on `b` and stays; the other one is on `a` and is destroyed"),
            "{}",
            said.detail
        );
    }
    // Both blocks are there.
    world.run(RunLimits::default());
    assert!(world.plan_beside(&on("r2"), &new).diagnostics.is_empty());
    assert_eq!(errors(&world.plan_beside(&on("r1"), &old).diagnostics), ["FLEET0431"]);

    // Either way out: the state forgets one of the two, and the other goes on.
    world.assert_settled(&on("r2"), &new);
    let refreshed = world.refresh(&old);
    let planned = world.plan(&on("r1"), &refreshed);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0435"], "the file is the later one's");
    fs::remove_file(world.path(JSON)).unwrap();
    let back = world.apply(&on("r1"), &world.refresh(&old));
    assert_eq!(back.targets(), old.targets());
    assert!(fs::read_to_string(world.path(JSON)).unwrap().contains("\"a\""));
    world.assert_settled(&on("r1"), &back);
}

/// The end of both, and whatever core asks about one object twice.
#[test]
fn one_object_is_planned_as_often_as_core_likes() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({ "emit": world.emit() }));
    let (old, new) = twins(&world, &config, &config);
    world.run(RunLimits::default());
    for (state, told) in
        [(&old, &[][..]), (&new, &["FLEET0431"]), (&old, &[]), (&new, &["FLEET0431"])]
    {
        let refreshed = world.refresh_told(state);
        assert_eq!(warnings(&refreshed), told);
        assert!(!refreshed.has_errors());
        assert_eq!(errors(&world.plan_destroy_beside(state).diagnostics), [""; 0]);
    }
    // A refresh, a plan, a `moved` block, and a plan again: one object.
    world.run(RunLimits::default());
    for _ in 0..2 {
        world.load(&new);
        assert_eq!(world.refresh(&new), new);
        assert!(world.plan_beside(&config, &new).diagnostics.is_empty());
    }
    // The file is gone, and after the refresh it is an update of the same object.
    fs::remove_file(world.path(JSON)).unwrap();
    let refreshed = world.refresh(&new);
    assert!(world.plan_beside(&config, &refreshed).diagnostics.is_empty());
}

/// `removed { lifecycle { destroy = false } }` lets go of a placement, and core asks for no plan of it.
#[test]
fn a_placement_that_is_forgotten_beside_a_new_one_of_its_workload_is_told() {
    let world = World::new(&[("a", "r1")]);
    let old = world.apply(&world.config(json!({})), &State::none());
    let other = world.config(json!({ "key": "other" }));
    world.run(RunLimits::default());
    world.load(&old);
    let planned = world.plan_beside(&other, &State::none());
    assert_eq!(
        (warnings(&planned.diagnostics), paths(&planned)),
        (vec!["FLEET0432"], vec!["key".into()])
    );
    assert!(world.refresh_told(&old).is_empty());

    // The refresh of the old one comes second.
    world.run(RunLimits::default());
    assert!(world.plan_beside(&other, &State::none()).diagnostics.is_empty());
    world.load(&old);
    assert_eq!(warnings(&world.refresh_told(&old)), ["FLEET0432"]);
    // With the same key it would be the replacement that `-replace` is.
    world.run(RunLimits::default());
    assert!(world.plan_beside(&world.config(json!({})), &State::none()).diagnostics.is_empty());
    assert_eq!(errors(&world.refresh_told(&old)), ["FLEET0424"]);
    // Another workload has nothing to do with it.
    world.run(RunLimits::default());
    world.load(&old);
    let elsewhere = world.config(json!({ "app": "elsewhere" }));
    assert!(world.plan_beside(&elsewhere, &State::none()).diagnostics.is_empty());
}

/// A tainted object whose `key` changed: core plans a create, and destroys what no plan has shown.
#[test]
fn what_no_plan_has_shown_is_not_destroyed() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({ "emit": world.emit() }));
    let old = world.apply(&config, &State::none());
    let renamed = world.config(json!({ "key": "other", "emit": world.emit() }));
    world.run(RunLimits::default());
    world.load(&old);
    let planned = world.plan_beside(&renamed, &State::none());
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0432"]);
    let saved = world.carry_out(&Value::Null, &old, &Planned { planned: Value::Null, ..planned });
    assert_eq!(errors(&saved.diagnostics), ["FLEET0424"]);
    assert_eq!(saved.state, old.value);
    assert!(world.path(JSON).exists());
    // What is kept beside it is about this object again: its files go with it.
    let kept = State { value: saved.state, private: saved.private };
    let shown = world.plan_destroy(&kept);
    let gone = world.carry_out(&Value::Null, &kept, &shown);
    assert!(gone.diagnostics.is_empty() && !world.path(JSON).exists());

    // It is shown once for one apply: what fails leaves no word of it in the state.
    let shown = world.plan_destroy(&old);
    fs::create_dir(world.path(JSON)).unwrap();
    let saved = world.carry_out(&Value::Null, &old, &shown);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0416"]);
    assert_eq!((saved.state, saved.private), (old.value, old.private));
}

/// `-target` shows the old object alone, and the new one has the same targets: its files stay, and it goes on.
#[test]
fn an_old_object_that_goes_alone_leaves_the_files_to_the_new_one() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({ "emit": world.emit() }));
    let (old, new) = twins(&world, &config, &config);
    let written = fs::read(world.path(JSON)).unwrap();
    let shown = world.plan_destroy(&old);
    let gone = world.carry_out(&Value::Null, &old, &shown);
    assert_eq!(warnings(&gone.diagnostics), ["FLEET0419"; 2]);
    assert_eq!(gone.state, Value::Null);
    assert_eq!(fs::read(world.path(JSON)).unwrap(), written);
    world.assert_settled(&config, &new);
    // The new one takes its own files with it.
    let shown = world.plan_destroy(&new);
    let gone = world.carry_out(&Value::Null, &new, &shown);
    assert!(gone.diagnostics.is_empty(), "{:?}", gone.diagnostics);
    assert!(!world.path(JSON).exists());
}

/// Two states with one `managed_by`: the one that took the files up has them, and the other one is told.
#[test]
fn two_states_do_not_write_over_each_other_in_turn() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let on = |region: &str| {
        world.config(json!({ "selector": { "regions": [region] }, "emit": world.emit() }))
    };
    let (old, new) = twins(&world, &on("r1"), &on("r2"));
    for _ in 0..2 {
        let planned = world.plan(&on("r1"), &world.refresh(&old));
        assert_eq!(errors(&planned.diagnostics), ["FLEET0435"; 2]);
        world.assert_settled(&on("r2"), &new);
    }
}
