//! What placements of one run, and what is left of earlier ones, mean to each other.

use std::fs;

use serde_json::{Value as Json, json};
use tfplugin::erased::Planned;
use tfplugin::value::json as wire;

use super::plan::set;
use super::world::{State, World, errors, record, tainted, warnings};
use crate::config::RunLimits;

fn with(world: &World, arguments: Json, more: Json) -> tfplugin::Value {
    let mut all = arguments;
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    world.config(all)
}

/// `a` in `b-c` and `a-b` in `c` have one default key; so have two that are given the same.
#[test]
fn a_key_is_unique_in_the_run() {
    let table = [
        (json!({ "key": "k" }), json!({ "app": "other", "key": "k" })),
        (json!({ "app": "a", "environment": "b-c" }), json!({ "app": "a-b", "environment": "c" })),
    ];
    let selector = json!({ "selector": { "environment": "prod" } });
    for (first, second) in table {
        let world = World::new(&[("a", "r1")]);
        assert!(
            world
                .plan(&with(&world, first, selector.clone()), &State::none())
                .diagnostics
                .is_empty()
        );
        let planned = world.plan_beside(&with(&world, second, selector.clone()), &State::none());
        assert_eq!(errors(&planned.diagnostics), ["FLEET0422"]);
        let said = planned.diagnostics.iter().next().unwrap();
        assert_eq!(said.path.as_ref().unwrap().to_string(), "key");
    }
}

#[test]
fn an_application_has_one_name_and_a_short_one() {
    let world = World::new(&[("eu-a", "r1"), ("a", "r2")]);
    let place = |app: &str, region: &str| {
        world.config(json!({
            "app": app, "selector": { "regions": [region] }, "emit": { "argocd": world.argocd("apps") },
        }))
    };
    let first = world.plan(&place("pay", "r1"), &State::none());
    assert!(first.diagnostics.is_empty(), "{:?}", first.diagnostics);
    let mut second = place("pay-prod", "r2");
    set(&mut second, "key", "pay-prod-eu".into());
    let planned = world.plan_beside(&second, &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0426"]);
    assert!(planned.diagnostics.iter().next().unwrap().detail.contains("`pay-prod-eu-a`"));

    let long = place(&"p".repeat(58), "r1");
    let planned = world.plan(&long, &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0420"]);
    assert!(planned.diagnostics.iter().next().unwrap().detail.contains("68 characters"));
}

/// Another state's manifests in the directory count too.
#[test]
fn an_application_of_another_manager_is_in_the_way() {
    let world = World::new(&[("eu-a", "r1"), ("a", "r2")]);
    let emit = json!({ "argocd": world.argocd("apps") });
    let first =
        world.config(json!({ "app": "pay", "selector": { "regions": ["r1"] }, "emit": emit }));
    world.apply(&first, &State::none());
    let manifest = world.path("apps/pay-prod.yaml");
    let theirs = fs::read_to_string(&manifest).unwrap().replace("platform", "elsewhere");
    fs::write(&manifest, theirs).unwrap();
    let second = json!({ "app": "x", "key": "pay-prod-eu", "selector": { "regions": ["r2"] }, "emit": emit });
    // The manifests of others are read once in a run, and this is the next one.
    world.run(RunLimits::default());
    let planned = world.plan(&world.config(second), &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0426"]);
    let same = world.plan(&first, &State::none());
    assert_eq!(errors(&same.diagnostics), ["FLEET0426", "FLEET0417"]);
}

/// It may hold any name: nothing is added beside it, once is enough to say so, and what is there goes on.
#[test]
fn a_manifest_that_cannot_be_read_holds_up_what_is_new() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let config = |app: &str, count: usize| {
        world.config(json!({
            "app": app, "strategy": { "count": count }, "emit": { "argocd": world.argocd("apps") },
        }))
    };
    let state = world.apply(&config("pay", 1), &State::none());
    let manifest = fs::read_to_string(world.path("apps/pay-prod.yaml")).unwrap();
    let theirs = manifest.replace("pay-prod", "other-prod").replace("platform", "else\u{1b}where");
    fs::write(world.path("apps/other-prod.yaml"), theirs).unwrap();

    assert!(world.plan(&config("pay", 1), &state).diagnostics.is_empty());
    let planned = world.plan(&config("pay", 2), &state);
    assert_eq!(errors(&planned.diagnostics), ["FLEET0430"]);
    let said = planned.diagnostics.iter().find(|of| of.detail.ends_with("FLEET0430")).unwrap();
    assert_eq!(said.path.as_ref().unwrap().to_string(), "emit.argocd.path");
    assert!(said.detail.contains("apps/other-prod.yaml` cannot be read"), "{}", said.detail);
    assert!(!said.detail.contains('\u{1b}'));
    assert_eq!(errors(&world.plan(&config("new", 1), &State::none()).diagnostics), ["FLEET0430"]);
    let beside = world.plan_beside(&config("newer", 1), &State::none());
    assert_eq!(errors(&beside.diagnostics), [""; 0], "it was told already");
}

/// `-replace`, a taint, a rename without `moved`: core creates what the state already has.
#[test]
fn a_placement_is_not_replaced() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({}));
    let state = world.apply(&config, &State::none());

    world.run(RunLimits::default());
    world.load(&state);
    let planned = world.plan_beside(&config, &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0424"]);
    // The state itself is planned as ever.
    assert!(world.plan_beside(&config, &state).diagnostics.is_empty());

    // The create comes first: the destroy is what is refused.
    assert!(world.plan(&config, &State::none()).diagnostics.is_empty());
    world.load(&state);
    assert_eq!(errors(&world.plan_destroy_beside(&state).diagnostics), ["FLEET0425"]);

    // Another `for_each` key that is part of the placement's key, in either order.
    let renamed = world.config(json!({ "key": "renamed" }));
    assert!(world.plan(&renamed, &State::none()).diagnostics.is_empty());
    assert_eq!(errors(&world.plan_destroy_beside(&state).diagnostics), ["FLEET0425"]);
    world.run(RunLimits::default());
    assert!(world.plan_destroy_beside(&state).diagnostics.is_empty());
    let planned = world.plan_beside(&renamed, &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0425"]);
    // One after the other is how it is done.
    assert!(world.plan(&renamed, &State::none()).diagnostics.is_empty());
    world.run(RunLimits::default());
    assert!(world.plan_destroy_beside(&state).diagnostics.is_empty());
}

/// The state was lost, and the files are there: they are taken up aloud, and limits hold.
#[test]
fn a_new_placement_with_files_of_its_own_is_limited_by_what_they_say() {
    for kind in ["json", "argocd"] {
        let world = World::new(&[("a", "r1"), ("b", "r2"), ("c", "r3")]);
        let emit = world.emit();
        let arguments = json!({
            "strategy": { "count": 1 }, "emit": { kind: emit[kind] }, "blast_radius": { "max_removed": 0 },
        });
        let state = world.apply(&world.config(arguments.clone()), &State::none());
        let (victim, place) = state.targets().into_iter().next().unwrap();

        let planned = world.plan(&world.config(arguments.clone()), &State::none());
        assert_eq!(warnings(&planned.diagnostics), ["FLEET0157"], "{kind}");
        let again = world.restarted();
        again.register(&tainted(&victim, place.split(' ').next().unwrap(), "NoSelect"));
        let planned = again.plan(&again.config(arguments.clone()), &State::none());
        assert_eq!(errors(&planned.diagnostics), ["FLEET0408"], "{kind}");

        let mut acknowledged = arguments;
        let detail = &planned.diagnostics.iter().next().unwrap().detail;
        let fingerprint =
            detail.split("acknowledge = \"").nth(1).unwrap().split('"').next().unwrap();
        acknowledged["blast_radius"]["acknowledge"] = json!(fingerprint);
        let after = again.apply(&again.config(acknowledged), &State::none());
        assert!(!after.targets().contains_key(&victim));
    }
}

/// `out/a.json` and `./out/a.json` are one file: another spelling does not remove what was just written.
#[test]
fn another_spelling_of_a_directory_leaves_its_files() {
    let world = World::new(&[("a", "r1")]);
    let emit = |directory: &str| json!({ "emit": { "json": { "path": world.path(directory) } } });
    let state = world.apply(&world.config(emit("out")), &State::none());
    let config = world.config(emit("./out/../out/"));
    let after = world.apply(&config, &state);
    assert!(world.path("out/app-prod.json").exists());
    world.assert_settled(&config, &after);
}

#[test]
fn files_stay_out_of_the_inventory_and_values_are_what_kubernetes_takes() {
    let world = World::new(&[("a", "r1")]);
    let argocd = |name: &str, value: &str| {
        let mut argocd = world.argocd("apps");
        argocd[name] = json!(value);
        json!({ "emit": { "argocd": argocd } })
    };
    let inside =
        |kind: &str| json!({ "emit": { kind: { "path": world.path("inventory/clusters") } } });
    let mut inventory = argocd("path", "x");
    inventory["emit"]["argocd"]["path"] = json!(world.path("x/../inventory/accounts"));
    let table = [
        (inside("json"), "FLEET0427", "emit.json.path"),
        (inventory, "FLEET0427", "emit.argocd.path"),
        (argocd("project", "My Project!"), "FLEET0420", "emit.argocd.project"),
        (argocd("namespace", "Bad_NS"), "FLEET0420", "emit.argocd.namespace"),
        (argocd("source_path", "../../etc"), "FLEET0420", "emit.argocd.source_path"),
        (argocd("target_revision", "main\u{1b}[2J"), "FLEET0420", "emit.argocd.target_revision"),
        (
            argocd("repo_url", "https://u:hunter2@git.example.com/a"),
            "FLEET0420",
            "emit.argocd.repo_url",
        ),
        (argocd("repo_url", "--upload-pack=touch"), "FLEET0420", "emit.argocd.repo_url"),
        (argocd("source_path", "-x"), "FLEET0420", "emit.argocd.source_path"),
        (json!({ "app": "my app" , "key": "k" }), "FLEET0404", "app"),
        // Whatever is emitted: a namespace that Kubernetes does not have.
        (json!({ "namespace": "Bad_NS" }), "FLEET0420", "namespace"),
        (json!({ "namespace": "a.b", "emit": { "json": {} } }), "FLEET0420", "namespace"),
        (json!({ "namespace": "-x", "emit": world.emit() }), "FLEET0420", "namespace"),
        (json!({ "namespace": "" }), "FLEET0420", "namespace"),
        // Names of files that a tool reads as its own.
        (json!({ "key": "main.tf", "emit": world.emit() }), "FLEET0409", "key"),
        (json!({ "key": "terraform.tfvars", "emit": { "json": {} } }), "FLEET0409", "key"),
        (json!({ "key": "kustomization" }), "FLEET0409", "key"),
        (json!({ "emit": { "json": { "path": "/proc/self" } } }), "FLEET0427", "emit.json.path"),
    ];
    for (arguments, code, path) in table {
        let planned = world.plan(&world.config(arguments.clone()), &State::none());
        assert_eq!(errors(&planned.diagnostics), [code], "{arguments}");
        let said = planned.diagnostics.iter().next().unwrap();
        assert_eq!(said.path.as_ref().unwrap().to_string(), path);
        assert!(
            !said.detail.contains("hunter2") && !said.detail.contains('\u{1b}'),
            "{}",
            said.detail
        );
    }
    // Not known to the plan, the apply looks at it.
    let mut late = world.config(json!({ "emit": { "json": {} } }));
    set(&mut late, "namespace", tfplugin::Value::UNKNOWN);
    let planned = world.plan(&late, &State::none());
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    let bad = world.config(json!({ "emit": { "json": {} }, "namespace": "Bad_NS" }));
    let saved = world.carry_out(&bad, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0420"]);
}

/// A link to nowhere is told at plan. What comes after the plan is told by what it is, and not as another process.
#[test]
#[cfg(unix)]
fn what_is_on_the_way_to_a_directory_is_told_at_plan() {
    use std::os::unix::fs::symlink;
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({ "emit": { "json": { "path": world.path("lnk/sub") } } }));
    let planned = world.plan(&config, &State::none());
    assert!(!planned.diagnostics.has_errors());
    symlink("nowhere", world.path("lnk")).unwrap();
    let saved = world.carry_out(&config, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0416"]);
    let said = &saved.diagnostics.iter().next().unwrap().detail;
    assert!(said.contains("a link that leads nowhere: move it away"), "{said}");

    let planned = world.plan(&config, &State::none());
    assert_eq!(errors(&planned.diagnostics), ["FLEET0427"]);
    let said = planned.diagnostics.iter().next().unwrap();
    assert_eq!(said.path.as_ref().unwrap().to_string(), "emit.json.path");
    assert!(said.detail.contains("a link to \"nowhere\", where nothing is"), "{}", said.detail);
    assert!(!said.detail.contains("Among the files of something else"), "{}", said.detail);
    fs::create_dir(world.path("nowhere")).unwrap();
    let after = world.apply(&config, &State::none());
    world.assert_settled(&config, &after);
}

/// Whose account is not ready waits: others are chosen, and the plan says so.
#[test]
fn what_waits_for_its_account_is_told() {
    let world = World::new(&[]);
    world.account(false);
    let mut other = record("b", "r2");
    other["account"] = json!("coming");
    world.register(&record("a", "r1"));
    let inventory = json!(world.inventory(&[record("a", "r1"), other]));
    let planned = world.plan(&world.config_of(inventory.clone(), json!({})), &State::none());
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0421"]);
    let said = planned.diagnostics.iter().next().unwrap();
    assert_eq!(said.summary, "Cluster a waits for account pay");
    assert!(said.detail.contains("oidc-trust, password-policy"), "{}", said.detail);

    // Nothing else will do: it is chosen, and the apply looks at the account again.
    let only = json!({ "selector": { "regions": ["r1"] } });
    let planned = world.plan(&world.config_of(inventory, only), &State::none());
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0421"]);
    assert!(!planned.diagnostics.has_errors());
}

/// Every message has a path, names the argument, and has a code; two mistakes are two messages.
#[test]
fn each_mistake_is_told_for_itself() {
    let world = World::new(&[("a", "r1")]);
    let config = world.config(json!({
        "strategy": { "count": 0 },
        "blast_radius": { "max_removed": -1 },
        "selector": { "match_labels": { "tier": null }, "regions": [null, "us east"], "tier": [null] },
        "tolerations": [null],
    }));
    let diagnostics = world.validate(&config);
    let mut told: Vec<_> = diagnostics
        .iter()
        .map(|of| {
            let path = of.path.as_ref().unwrap().to_string();
            assert!(of.detail.starts_with(&format!("`{path}`")), "{}", of.detail);
            assert!(of.detail.ends_with("FLEET0404"), "{}", of.detail);
            path
        })
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "blast_radius.max_removed",
            "selector.match_labels[\"tier\"]",
            "selector.regions",
            "selector.regions",
            "selector.tier",
            "strategy.count",
            "tolerations[0]",
        ]
    );
}

#[test]
fn a_value_that_no_cluster_has_is_a_warning_and_a_forgotten_overlay_is_named() {
    let world = World::new(&[("a", "us-east-1")]);
    let regions = json!({ "selector": { "regions": ["us-eats-1", "us-east-1"] } });
    let planned = world.plan(&world.config(regions), &State::none());
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0428"]);
    let said = planned.diagnostics.iter().next().unwrap();
    assert!(said.detail.contains("`us-east-1`"), "{}", said.detail);

    let empty = World::new(&[]);
    let planned = empty.plan(&empty.config(json!({})), &State::none());
    let said = planned.diagnostics.iter().next().unwrap();
    assert_eq!(said.path.as_ref().unwrap().to_string(), "inventory");
    assert!(said.detail.contains("provider::fleet::overlay("), "{}", said.detail);
}

/// A headline that counts does not hide a move.
#[test]
fn a_move_is_told_although_there_are_fewer_than_asked_for() {
    let world = World::new(&[("a", "r1")]);
    let arguments = json!({ "strategy": { "count": 3 } });
    let state = world.apply(&world.config(arguments.clone()), &State::none());
    world.register(&tainted("a", "r1", "NoSelect"));
    world.register(&record("b", "r2"));
    let planned = world.plan(&world.config(arguments), &state);
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0412", "FLEET0411"]);
}

/// Under its name in another region it is a new cluster, and not ready it is none.
#[test]
fn a_cluster_that_moved_is_not_stuck() {
    let world = World::new(&[("a", "r1"), ("b", "r2")]);
    let state = world.apply(&world.config(json!({})), &State::none());
    world.register(&record("a", "r9"));
    world.account(false);
    let config = world.config(json!({}));
    let after = world.apply(&config, &state);
    assert_eq!(after.targets().into_keys().collect::<Vec<_>>(), ["b"]);
    world.assert_settled(&config, &after);
}

/// A new account that its own plan says will not be ready: other clusters come first, and the apply decides alike.
#[test]
fn clusters_of_an_account_that_will_not_be_ready_wait() {
    let world = World::new(&[]);
    let on = |name: &str, account: &str| {
        let mut record = record(name, "r1");
        record["account"] = json!(account);
        record
    };
    // By the hash alone some of these would be on `k3`.
    let records = [on("k1", "new"), on("k2", "new"), on("k3", "closed")];
    let inventory = world.inventory(&records);
    let config = |key: &str, selector: Json| {
        let more = json!({ "key": key, "selector": selector, "strategy": { "count": 1 } });
        world.config_of(json!(inventory), more)
    };
    let chosen = |planned: &Planned| {
        assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
        let targets = &planned.planned.attributes().unwrap()["targets"];
        let targets = wire::to_json(targets).unwrap();
        targets.as_object().unwrap().keys().next().unwrap().clone()
    };
    let (mut met, mut before) = (0, 0);
    for key in ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"] {
        let any = config(key, json!({}));
        world.run(RunLimits::default());
        before += usize::from(chosen(&world.plan_beside(&any, &State::none())) == "k3");
        world.run(RunLimits::default());
        world.stays_closed("closed");
        // Of an account that is there the inventory tells, whatever a plan found.
        world.stays_closed("pay");
        let planned = world.plan_beside(&any, &State::none());
        assert_ne!(chosen(&planned), "k3", "{key}");
        met += warnings(&planned.diagnostics).iter().filter(|code| **code == "FLEET0421").count();
    }
    assert!(before > 0 && met == before, "{before} would be on k3, {met} are told so");

    // Where there is no other one it is taken, with a warning; the apply refuses what is not admitted.
    world.run(RunLimits::default());
    world.stays_closed("closed");
    let only = world.config_of(
        json!(world.inventory(&[on("k3", "closed")])),
        json!({ "key": "only", "strategy": { "count": 1 } }),
    );
    let planned = world.plan_beside(&only, &State::none());
    assert_eq!(warnings(&planned.diagnostics), ["FLEET0421"]);
    world.register(&on("k3", "closed"));
    let saved = world.carry_out(&only, &State::none(), &planned);
    assert_eq!(errors(&saved.diagnostics), ["FLEET0414"]);
}
