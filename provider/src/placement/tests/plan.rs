use serde_json::{Value as Json, json};
use tfplugin::Value;

use super::world::{State, World, errors, record, tainted, warnings};

/// No account, no cluster is there yet: the first plan knows the targets and the files all the same.
#[test]
fn the_first_plan_of_a_new_fleet_is_concrete() {
    let world = World::new(&[]);
    let records = [record("a", "r1"), record("b", "r2")];
    let inventory = json!(world.inventory(&records));
    let config = world.config_of(inventory, json!({ "emit": world.emit() }));
    let planned = world.plan(&config, &State::none());
    assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
    assert!(planned.planned.is_wholly_known());

    for record in &records {
        world.register(record);
    }
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert!(saved.diagnostics.is_empty(), "{:?}", saved.diagnostics);
    let state = State { value: saved.state, private: saved.private };
    assert_eq!(state.targets().into_keys().collect::<Vec<_>>(), ["a", "b"]);
    world.assert_settled(&config, &state);
}

#[test]
fn an_inventory_that_cannot_be_decided_on_is_an_error() {
    let world = World::new(&[("a", "r1")]);
    let mut config = world.config(json!({}));
    let good = config.attribute("inventory").cloned().unwrap();
    let cut = Value::from(&good.as_str().unwrap()[..40]);
    let table = [
        (Value::UNKNOWN, "FLEET0401"),
        (Value::Null, "FLEET0402"),
        (Value::from(""), "FLEET0402"),
        (cut, "FLEET0402"),
    ];
    for (inventory, code) in table {
        set(&mut config, "inventory", inventory.clone());
        let planned = world.plan(&config, &State::none());
        assert_eq!(errors(&planned.diagnostics), [code], "{inventory:?}");
    }
    // An empty fleet is a fleet on which nothing fits.
    let empty = World::new(&[]);
    let planned = empty.plan(&empty.config(json!({})), &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0406"]);
}

#[test]
fn an_argument_that_decides_must_be_known_and_one_that_is_only_written_need_not() {
    let world = World::new(&[("a", "r1")]);
    let mut config = world.config(json!({ "emit": world.emit() }));
    set(&mut config, "selector", Value::UNKNOWN);
    assert_eq!(errors(&world.plan(&config, &State::none()).diagnostics), ["FLEET0403"]);

    set(&mut config, "selector", Value::Null);
    set(&mut config, "namespace", Value::UNKNOWN);
    let planned = world.plan(&config, &State::none());
    assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
    assert!(planned.planned.attribute("targets").unwrap().is_wholly_known());
    assert!(planned.planned.attribute("artifacts").unwrap().is_unknown());
}

#[test]
fn arguments_that_do_not_fit_together_are_errors_of_validation() {
    let world = World::new(&[("a", "r1")]);
    let table = [
        (json!({ "strategy": { "mode": "active-passive" } }), "strategy.primary_region"),
        (json!({ "strategy": { "count": 1, "min_regions": 2 } }), "strategy.count"),
        (json!({ "strategy": { "count": -1 } }), "strategy.count"),
        (json!({ "blast_radius": { "max_added": -1 } }), "blast_radius.max_added"),
        (json!({ "selector": { "regions": [] } }), "selector.regions"),
        (
            json!({ "selector": { "match_expressions": [{ "key": "k", "operator": "In" }] } }),
            "selector.match_expressions[0].values",
        ),
        (
            json!({ "tolerations": [{ "key": "k", "operator": "Exists", "value": "v" }] }),
            "tolerations[0].value",
        ),
        (json!({ "key": "Not A Key" }), "key"),
        (json!({ "app": "Not A Key" }), "key"),
    ];
    for (arguments, path) in table {
        let diagnostics = world.validate(&world.config(arguments.clone()));
        let paths: Vec<_> =
            diagnostics.iter().map(|d| d.path.as_ref().unwrap().to_string()).collect();
        assert_eq!(paths, [path], "{arguments}");
    }
    assert!(world.validate(&world.config(json!({ "emit": world.emit() }))).is_empty());
}

/// What does not change this decision is silent: other environments, labels, even a newcomer that
/// fits, when the placement is full.
#[test]
fn a_change_elsewhere_is_silent() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let arguments = json!({ "strategy": { "count": 2 }, "emit": world.emit() });
    let state = world.apply(&world.config(arguments.clone()), &State::none());

    let mut elsewhere = record("test", "r1");
    elsewhere["environment"] = json!("test");
    world.register(&elsewhere);
    let mut labelled = record("a", "r1");
    labelled["labels"] = json!({ "cost": "low" });
    world.register(&labelled);
    world.register(&record("newcomer", "r3"));
    world.assert_settled(&world.config(arguments), &state);
}

#[test]
fn a_taint_moves_what_it_evicts_and_says_so() {
    let world = World::new(&[("a", "r1"), ("b", "r2"), ("c", "r3")]);
    let arguments = json!({ "strategy": { "count": 2 } });
    let state = world.apply(&world.config(arguments.clone()), &State::none());
    let evicted = state.targets().into_iter().next().unwrap();
    let region = evicted.1.split(' ').next().unwrap().to_owned();

    world.register(&tainted(&evicted.0, &region, "NoSelectIfNew"));
    world.assert_settled(&world.config(arguments.clone()), &state);

    world.register(&tainted(&evicted.0, &region, "NoSelect"));
    let config = world.config(arguments);
    let planned = world.plan(&config, &state);
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0412"]);
    let said = planned.diagnostics.iter().next().unwrap();
    assert_eq!(said.summary, "app-prod: +1 -1 =1");
    assert!(said.detail.contains("TAINT maintenance:NoSelect"), "{}", said.detail);
    let after = world.apply(&config, &state);
    assert!(!after.targets().contains_key(&evicted.0));
    assert_eq!(after.targets().len(), 2);
    // The one that stays keeps its reason.
    let stays = state.targets().into_keys().find(|name| *name != evicted.0).unwrap();
    assert_eq!(after.json()["targets"][&stays], state.json()["targets"][&stays]);
}

#[test]
fn a_broken_limit_shows_the_fingerprint_that_acknowledges_it() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let limited = |acknowledge: Option<&str>| json!({ "blast_radius": { "max_removed": 0, "acknowledge": acknowledge } });
    let state = world.apply(&world.config(limited(None)), &State::none());
    world.register(&tainted("b", "r2", "NoSelect"));
    let planned = world.plan(&world.config(limited(None)), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0408"]);
    let detail = planned.diagnostics.iter().next().unwrap().detail.clone();
    assert!(detail.contains(" - b   active r2   TAINT "), "{detail}");
    let fingerprint = detail.split("acknowledge = \"").nth(1).unwrap();
    let fingerprint = fingerprint.split('"').next().unwrap();

    let wrong = world.config(limited(Some("0000000000000000")));
    assert_eq!(errors(&world.plan(&wrong, &state).diagnostics), ["FLEET0408"]);
    let after = world.apply(&world.config(limited(Some(fingerprint))), &state);
    assert_eq!(after.targets().into_keys().collect::<Vec<_>>(), ["a"]);
    // The word fits no other change, and leaves no trace: it is write-only.
    assert!(after.json()["blast_radius"]["acknowledge"].is_null());
    world.assert_settled(&world.config(limited(None)), &after);
}

#[test]
fn fewer_than_asked_for_is_a_warning() {
    let world = World::new(&[("a", "r1")]);
    let planned = world.plan(&world.config(json!({ "strategy": { "count": 3 } })), &State::none());
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0411"]);
    assert_eq!(planned.diagnostics.iter().next().unwrap().summary, "app-prod: 1 of 3 targets");
}

#[test]
fn the_key_is_fixed_at_create_and_does_not_follow_a_rename() {
    let world = World::new(&[("a", "r1")]);
    let state = world.apply(&world.config(json!({})), &State::none());
    assert_eq!(state.json()["key"], "app-prod");
    assert_eq!(state.json()["id"], "app-prod");

    let changed = world.config(json!({ "key": "other" }));
    assert_eq!(errors(&world.plan(&changed, &state).diagnostics), ["FLEET0410"]);
    world.assert_settled(&world.config(json!({ "key": "app-prod" })), &state);

    let renamed = world.apply(&world.config(json!({ "app": "renamed" })), &state);
    assert_eq!(renamed.json()["key"], "app-prod");
    assert_eq!(renamed.json()["targets"], state.json()["targets"]);
}

pub(super) fn set(config: &mut Value, name: &str, value: Value) {
    if let Value::Object(attributes) = config {
        attributes.insert(name.into(), value);
    }
}

/// A cluster says whose placements it takes: one that is named is refused with the names, one that matches is left out.
#[test]
fn a_cluster_is_for_its_tenants() {
    let world = World::new(&[("free", "r1")]);
    let with = |tenants: Json| {
        let mut record = record("kept", "r2");
        record["tenants"] = tenants;
        record
    };
    world.register(&with(json!(["shop/apps", "shop/base"])));
    let named = json!({ "selector": { "names": ["free", "kept"] } });
    let planned = world.plan(&world.config(named.clone()), &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0436"]);
    let detail = &planned.diagnostics.iter().next().unwrap().detail;
    assert!(detail.contains("may place there: \"shop/apps\", \"shop/base\""), "{detail}");
    assert!(detail.contains("[\"platform\", \"shop/apps\", \"shop/base\"]"), "{detail}");
    world.register(&with(json!([])));
    let planned = world.plan(&world.config(named.clone()), &State::none());
    assert!(planned.diagnostics.iter().next().unwrap().detail.contains("no configuration"));

    let config = world.config(json!({}));
    let state = world.apply(&config, &State::none());
    assert_eq!(state.targets().into_keys().collect::<Vec<_>>(), ["free"]);
    world.assert_settled(&config, &state);

    world.register(&with(json!(["platform"])));
    let both = world.apply(&world.config(named), &State::none());
    assert_eq!(both.targets().into_keys().collect::<Vec<_>>(), ["free", "kept"]);
    // Who is a tenant no more leaves, and the plan says why.
    world.register(&with(json!(["shop/apps"])));
    let config = world.config(json!({}));
    let planned = world.plan(&config, &both);
    let told: String = planned.diagnostics.iter().map(|of| of.detail.clone()).collect();
    assert!(told.contains("TENANTS want=\"platform\" got=\"shop/apps\""), "{told}");
    let alone = world.apply(&config, &both);
    assert_eq!(alone.targets().into_keys().collect::<Vec<_>>(), ["free"]);
}
