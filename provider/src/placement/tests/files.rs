use std::fs;
#[cfg(unix)]
use std::path::Path;

use serde_json::json;
use tfplugin::Value;

use super::world::{State, World, errors, record, warnings};

const JSON: &str = "targets/app-prod.json";
const YAML: &str = "apps/app-prod.yaml";

fn emitting(world: &World) -> Value {
    world.config(json!({ "emit": world.emit() }))
}

#[test]
fn a_file_that_is_missing_or_changed_is_written_again() {
    let world = World::new(&[("a", "r1")]);
    let config = emitting(&world);
    let state = world.apply(&config, &State::none());
    let (json, yaml) = (world.path(JSON), world.path(YAML));
    let (first_json, first_yaml) = (fs::read(&json).unwrap(), fs::read(&yaml).unwrap());

    fs::remove_file(&json).unwrap();
    let changed = String::from_utf8(first_yaml.clone()).unwrap().replace("r1", "r9");
    fs::write(&yaml, changed).unwrap();
    let refreshed = world.refresh(&state);
    let artifacts = &refreshed.json()["artifacts"];
    assert!(artifacts[json.to_str().unwrap()]["sha256"].is_null());
    let planned = world.plan(&config, &refreshed);
    assert!(planned.diagnostics.is_empty());
    assert_ne!(planned.planned, refreshed.value);
    assert!(planned.requires_replace.is_empty());

    let after = world.apply(&config, &refreshed);
    assert_eq!(after, state);
    assert_eq!(fs::read(&json).unwrap(), first_json);
    assert_eq!(fs::read(&yaml).unwrap(), first_yaml);
    world.assert_settled(&config, &after);
}

#[test]
fn a_file_that_is_not_ours_is_never_overwritten() {
    let world = World::new(&[("a", "r1")]);
    let config = emitting(&world);
    // Known at plan: a create meets a file of a person.
    fs::create_dir(world.path("targets")).unwrap();
    fs::write(world.path(JSON), "by hand").unwrap();
    assert_eq!(errors(&world.plan(&config, &State::none()).diagnostics), ["FLEET0417"]);
    fs::remove_file(world.path(JSON)).unwrap();

    // It comes between plan and apply: nothing is written, not even the other file.
    let planned = world.plan(&config, &State::none());
    fs::write(world.path(JSON), "by hand").unwrap();
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0417"]);
    assert!(saved.state.is_null());
    assert!(!world.path(YAML).exists());
    assert_eq!(fs::read(world.path(JSON)).unwrap(), b"by hand");

    // It takes the place of ours: the update is refused, and the state stays.
    fs::remove_file(world.path(JSON)).unwrap();
    let state = world.apply(&config, &State::none());
    fs::write(world.path(JSON), "by hand").unwrap();
    let refreshed = world.refresh(&state);
    let planned = world.plan(&config, &refreshed);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0417"]);
    let saved = world.carry_out(&config, &refreshed, &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0417"]);
    assert_eq!(saved.state, refreshed.value);
    assert_eq!(fs::read(world.path(JSON)).unwrap(), b"by hand");
}

/// Whatever lies where a file of a placement is to be: told at plan, of a new placement and of one that is there,
/// and left as it is.
#[test]
#[cfg(unix)]
fn what_is_in_the_way_is_told_at_plan() {
    type Put = fn(&Path, &str);
    let things: [(&str, Put, &str); 8] = [
        ("text", |at, _| fs::write(at, "by hand").unwrap(), "FLEET0417"),
        ("empty", |at, _| fs::write(at, "").unwrap(), "FLEET0417"),
        (
            "another manager",
            |at, ours| fs::write(at, ours.replace("platform", "elsewhere")).unwrap(),
            "FLEET0417",
        ),
        (
            "another placement",
            |at, ours| fs::write(at, ours.replace("app-prod", "other")).unwrap(),
            "FLEET0417",
        ),
        ("directory", |at, _| fs::create_dir(at).unwrap(), "FLEET0416"),
        ("link", |at, _| std::os::unix::fs::symlink("/dev/zero", at).unwrap(), "FLEET0416"),
        (
            "pipe",
            |at, _| rustix::fs::mkfifoat(rustix::fs::CWD, at, 0o644.into()).unwrap(),
            "FLEET0416",
        ),
        ("large", |at, _| fs::File::create(at).unwrap().set_len(1 << 30).unwrap(), "FLEET0416"),
    ];
    for file in [JSON, YAML] {
        for (name, put, code) in things {
            let world = World::new(&[("a", "r1")]);
            let config = emitting(&world);
            let state = world.apply(&config, &State::none());
            let at = world.path(file);
            let ours = fs::read_to_string(&at).unwrap();
            fs::remove_file(&at).unwrap();
            put(&at, &ours);
            // With a refresh, which reads the file itself, and without one where something else changes.
            let told = world.refresh_told(&state);
            if told.has_errors() {
                assert_eq!(errors(&told), [code], "{file} {name}");
            } else {
                let told = world.plan(&config, &world.refresh(&state)).diagnostics;
                assert!(errors(&told).contains(&code), "{file} {name}: {told:?}");
            }
            let other = json!({ "namespace": "other", "emit": world.emit() });
            let told = world.plan(&world.config(other), &state).diagnostics;
            assert!(errors(&told).contains(&code), "{file} {name}: {told:?}");
            let told = world.plan(&config, &State::none()).diagnostics;
            assert!(errors(&told).contains(&code), "{file} {name}: {told:?}");
            assert!(at.symlink_metadata().is_ok(), "{name} is as it was");
        }
    }
}

/// One that a refresh was told not to look at, and that no apply would write, is nobody's business.
#[test]
fn a_plan_that_writes_nothing_looks_for_nothing() {
    let world = World::new(&[("a", "r1")]);
    let config = emitting(&world);
    let state = world.apply(&config, &State::none());
    fs::write(world.path(JSON), "by hand").unwrap();
    let planned = world.plan(&config, &state);
    assert!(planned.diagnostics.is_empty() && planned.planned == state.value);
}

#[test]
fn destroying_removes_what_was_emitted_and_leaves_what_was_changed() {
    let world = World::new(&[("a", "r1")]);
    let config = emitting(&world);
    let state = world.apply(&config, &State::none());
    fs::write(world.path(JSON), "by hand").unwrap();
    let refreshed = world.refresh(&state);
    let planned = world.plan_destroy(&refreshed);
    assert!(planned.diagnostics.is_empty());
    let saved = world.carry_out(&Value::Null, &refreshed, &planned);
    assert!(saved.state.is_null());
    assert_eq!(warnings(&saved.diagnostics), ["FLEET0419"]);
    assert!(!world.path(YAML).exists());
    assert_eq!(fs::read(world.path(JSON)).unwrap(), b"by hand");
}

#[test]
fn what_is_no_longer_emitted_is_removed() {
    let world = World::new(&[("a", "r1")]);
    let state = world.apply(&emitting(&world), &State::none());
    let moved = world.config(json!({ "emit": { "argocd": world.argocd("moved") } }));
    let after = world.apply(&moved, &state);
    assert!(!world.path(YAML).exists() && !world.path(JSON).exists());
    assert!(world.path("moved/app-prod.yaml").exists());
    world.assert_settled(&moved, &after);
}

/// A new object of the same key (`create_before_destroy`) writes before the old one is destroyed.
#[test]
fn the_destroy_of_a_replaced_placement_leaves_the_files_of_its_successor() {
    let world = World::new(&[("a", "r1")]);
    let config = emitting(&world);
    let old = world.apply(&config, &State::none());
    let world = world.restarted();
    let new = world.apply(&config, &State::none());
    let planned = world.plan_destroy_beside(&old);
    let saved = world.carry_out(&Value::Null, &old, &planned);
    assert!(saved.state.is_null());
    assert_eq!(warnings(&saved.diagnostics), ["FLEET0419", "FLEET0419"]);
    world.assert_settled(&config, &new);
}

#[test]
fn without_a_directory_the_content_is_an_attribute() {
    let world = World::new(&[("a", "r1")]);
    let mut argocd = world.argocd("unused");
    argocd["path"] = json!(null);
    let config = world.config(json!({ "emit": { "argocd": argocd, "json": {} } }));
    let state = world.apply(&config, &State::none());
    let artifacts = state.json()["artifacts"].clone();
    let content = artifacts["app-prod.json"]["content"].as_str().unwrap();
    assert!(content.contains("\"name\": \"a\""), "{content}");
    assert_eq!(artifacts["app-prod.yaml"]["gvk"], "argoproj.io/v1alpha1/ApplicationSet");
    assert!(!world.path("unused").exists());
    world.assert_settled(&config, &state);
}

/// Same inputs, same bytes: two worlds emit the same files.
#[test]
fn equal_placements_emit_equal_bytes() {
    let bytes = [["a", "b"], ["b", "a"]].map(|order| {
        let world = World::new(&[]);
        for name in order {
            world.register(&record(name, "r1"));
        }
        world.apply(&emitting(&world), &State::none());
        (fs::read(world.path(JSON)).unwrap(), fs::read(world.path(YAML)).unwrap())
    });
    assert_eq!(bytes[0], bytes[1]);
}
