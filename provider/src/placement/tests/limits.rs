//! How much all placements of a run may change together.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::{Attr, Value};

use super::world::{State, World, errors, tainted, warnings};
use crate::config::RunLimits;

/// One taint moves many placements, each within its own limits.
#[test]
fn a_run_has_a_limit_of_its_own() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let place = |app: &str| world.config(json!({ "app": app, "strategy": { "count": 1 } }));
    let apps: Vec<String> = (0..12).map(|n| format!("app{n}")).collect();
    let states: Vec<State> =
        apps.iter().map(|app| world.apply(&place(app), &State::none())).collect();
    let moved = states.iter().filter(|state| state.targets().contains_key("a")).count();
    assert!(moved > 3, "{moved}");
    world.register(&tainted("a", "r1", "NoSelect"));

    let plan_all = |limits: RunLimits, backwards: bool| {
        world.run(limits);
        let mut order: Vec<usize> = (0..apps.len()).collect();
        if backwards {
            order.reverse();
        }
        let planned = order.into_iter().map(|n| world.plan_beside(&place(&apps[n]), &states[n]));
        planned.map(|planned| planned.diagnostics).collect::<Vec<_>>()
    };
    let refused =
        |all: &[Diagnostics]| all.iter().filter(|told| errors(told) == ["FLEET0429"]).count();
    let placements =
        |most| RunLimits { max_placements_changed: Attr::Known(most), ..RunLimits::default() };
    let targets =
        |most| RunLimits { max_targets_removed: Attr::Known(most), ..RunLimits::default() };
    for backwards in [false, true] {
        assert_eq!(refused(&plan_all(RunLimits::default(), backwards)), 0);
        assert_eq!(refused(&plan_all(placements(moved), backwards)), 0);
        assert_eq!(refused(&plan_all(placements(2), backwards)), moved - 2);
        assert_eq!(refused(&plan_all(targets(0), backwards)), moved);
    }
    // Each change is acknowledged by its own fingerprint, whatever the order.
    let told = plan_all(placements(2), false);
    let fingerprints = told.iter().filter(|told| errors(told) == ["FLEET0429"]).map(|told| {
        let of = told.iter().find(|of| of.detail.ends_with("FLEET0429")).unwrap();
        let text = of.detail.split("that of this one is \"").nth(1).unwrap();
        text.split('"').next().unwrap().to_owned()
    });
    let acknowledge = fingerprints.collect();
    for backwards in [false, true] {
        let limits =
            RunLimits { acknowledge: Attr::Known(BTreeSet::clone(&acknowledge)), ..placements(2) };
        assert_eq!(refused(&plan_all(limits, backwards)), 0);
    }
}

/// Two placements that leave one cluster: the configuration and the state of each.
fn moving(world: &World) -> Vec<(Value, State)> {
    let place = |app: String| json!({ "app": app, "strategy": { "count": 1 }, "selector": { "regions": ["r1", "r2"] } });
    let apps = (0..12).map(|n| place(format!("app{n}")));
    let applied: Vec<(Json, State)> =
        apps.map(|app| (app.clone(), world.apply(&world.config(app), &State::none()))).collect();
    world.register(&tainted("a", "r1", "NoSelect"));
    let moving = applied.into_iter().filter(|(_, state)| state.targets().contains_key("a"));
    moving.take(2).map(|(app, state)| (world.config(app), state)).collect()
}

/// What is known holds, what is not is told once; the apply knows it.
#[test]
fn a_limit_that_is_not_known_at_plan_is_told() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let moving = moving(&world);
    assert_eq!(moving.len(), 2);
    let plan = |limits: &RunLimits| {
        world.run(limits.clone());
        let told =
            moving.iter().map(|(config, state)| world.plan_beside(config, state).diagnostics);
        told.collect::<Vec<_>>()
    };
    let unknown = RunLimits { max_targets_removed: Attr::Unknown, ..RunLimits::default() };
    let told = plan(&unknown);
    assert_eq!(warnings(&told[0]), ["FLEET0412", "FLEET0433"]);
    assert_eq!(warnings(&told[1]), ["FLEET0412"]);
    let said = told[0].iter().find(|of| of.detail.ends_with("FLEET0433")).unwrap();
    assert!(said.detail.contains("`blast_radius.max_targets_removed`"), "{}", said.detail);
    assert!(!said.detail.contains("max_placements_changed"), "{}", said.detail);

    let partly = RunLimits { max_placements_changed: Attr::Known(1), ..unknown };
    let told = plan(&partly);
    assert_eq!(told.iter().map(|of| errors(of).len()).collect::<Vec<_>>(), [0, 1]);
    // Whether it is acknowledged is not known either.
    let told = plan(&RunLimits { acknowledge: Attr::Unknown, ..partly.clone() });
    assert!(told.iter().all(|of| errors(of).is_empty()), "{told:?}");
    let none = RunLimits {
        max_targets_removed: Attr::Known(0),
        acknowledge: Attr::Unknown,
        ..RunLimits::default()
    };
    let told = plan(&none);
    let said = told[0].iter().find(|of| of.detail.ends_with("FLEET0433")).unwrap();
    assert!(said.detail.contains("`blast_radius.acknowledge`"), "{}", said.detail);
    // In the apply it is known.
    let told = plan(&RunLimits { acknowledge: Attr::Null, ..none });
    assert!(told.iter().all(|of| errors(of) == ["FLEET0429"]), "{told:?}");
    // Nothing changes: nothing is told.
    world.run(partly);
    let (config, state) = &moving[0];
    let after = world.apply(config, state);
    assert!(world.plan_beside(config, &after).diagnostics.is_empty());
}

/// Whatever decides has to be known: at plan there is an error, with its path.
#[test]
fn an_argument_that_decides_is_never_silently_unknown() {
    let world = World::new(&[("a", "r1")]);
    let table = [
        ("blast_radius", &["max_added", "max_removed", "max_regions_touched", "acknowledge"][..]),
        (
            "strategy",
            &["mode", "count", "min_regions", "max_clusters_per_region", "primary_region"],
        ),
        ("selector", &["environment", "regions", "match_labels", "data_classification", "tier"]),
    ];
    let unknown_at = |config: &Value, path: &str| {
        let told = world.plan(config, &State::none()).diagnostics;
        assert_eq!(errors(&told), ["FLEET0403"], "{path}");
        let said = told.iter().next().unwrap();
        assert_eq!(said.path.as_ref().unwrap().to_string(), path);
    };
    for (name, inside) in table {
        for part in inside {
            // Null for every part, and then one of them unknown.
            let mut config = world.config(json!({ name: {} }));
            let Value::Object(arguments) = &mut config else { panic!() };
            let Some(Value::Object(parts)) = arguments.get_mut(name) else { panic!("{name}") };
            parts.insert((*part).to_owned(), Value::UNKNOWN);
            unknown_at(&config, &format!("{name}.{part}"));
        }
    }
    for name in ["blast_radius", "strategy", "selector", "tolerations", "environment"] {
        let mut config = world.config(json!({ "key": "k" }));
        super::plan::set(&mut config, name, Value::UNKNOWN);
        unknown_at(&config, name);
    }
}
