//! Provider blocks of one run, each with a process of its own.

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tfplugin::Value;
use tfplugin::diagnostic::{Diagnostics, Severity};
use tfplugin::erased::{Capabilities, Registered, Stored};
use tfplugin::value::json as wire;
use tokio::runtime::Runtime as Tokio;

use super::*;
use crate::FleetProvider;
use crate::inventory::Store;

const CAPABLE: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };

/// A run with two blocks, on one inventory.
struct Run {
    place: TempDir,
    fleet: TempDir,
    tokio: Tokio,
}

impl Run {
    fn new() -> Self {
        let (place, fleet) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Self { place, fleet, tokio: Tokio::new().unwrap() }
    }

    fn block(&self, run: &str, managed_by: &str) -> Registered {
        let provider = FleetProvider::beside(Siblings::at(self.place.path(), run));
        let provider = Registered::new(provider);
        // Where AWS is, is not known: nothing is called.
        let config = json!({
            "managed_by": managed_by, "inventory": [{ "path": self.fleet.path() }],
        });
        let mut config = wire::from_json(config, provider.provider_schema().1).unwrap();
        let Value::Object(attributes) = &mut config else { panic!("an object") };
        attributes.insert("region".to_owned(), Value::UNKNOWN);
        let told = self.tokio.block_on(provider.configure(config));
        assert!(!told.has_errors(), "{told:?}");
        provider
    }

    fn plan(&self, block: &Registered, kind: &str, config: &Json) -> Diagnostics {
        let (_, ty) = block.resource_schema(kind).unwrap();
        let config = wire::from_json(config.clone(), ty).unwrap();
        let prior = Stored::new(Value::Null, b"");
        let planned = block.plan_resource_change(kind, prior, config.clone(), config, CAPABLE);
        self.tokio.block_on(planned).diagnostics
    }

    /// An object of each kind that is kept here or there, with another spelling of what is not told apart.
    fn objects(&self) -> Vec<(&'static str, Json, Json, &'static str)> {
        let account = |key: &str, email: &str| {
            json!({
                "name": key, "key": key, "email": email, "account_class": "sandbox",
                "environment": "dev", "owner": "a", "data_classification": "internal",
                "region_set": ["eu-west-1"], "network_profile": "private",
                "baseline_policy": "sandbox", "budget_owner": "a",
            })
        };
        let cluster = |region: &str| {
            json!({
                "name": "c1", "account": "a", "environment": "dev", "region": region,
                "cloud": "aws", "data_classification": "internal",
            })
        };
        let store = Store::open(self.fleet.path()).unwrap();
        let mut snapshot = (*store.snapshot().unwrap()).clone();
        let record = cluster("eu-west-1").to_string();
        snapshot = fleet_model::snapshot::overlay(&snapshot, [record.as_str()]).unwrap();
        let inventory = snapshot.encode().unwrap();
        let placement = |key: &str, path: &Path| {
            json!({
                "app": "pay", "environment": "dev", "namespace": "pay", "key": key,
                "inventory": inventory, "emit": { "json": { "path": path } },
            })
        };
        let (out, other) = (self.fleet.path().join("../out"), self.fleet.path().join("../other"));
        vec![
            ("fleet_account", account("k", "a@x.org"), account("k", "b@x.org"), "FLEET0105"),
            ("fleet_account", account("l", "l@x.org"), account("m", "L@X.org"), "FLEET0137"),
            ("fleet_cluster_registration", cluster("eu-west-1"), cluster("us-east-1"), "FLEET0314"),
            ("fleet_placement", placement("pay", &out), placement("pay", &other), "FLEET0422"),
        ]
    }
}

/// The codes of the errors, and whether each names the other block.
fn told(diagnostics: &Diagnostics, managed_by: &str) -> Vec<String> {
    let errors = diagnostics.iter().filter(|of| of.severity == Severity::Error);
    let other = format!("another block `provider \"fleet\"` (`managed_by` = {managed_by:?})");
    errors
        .map(|of| {
            assert!(of.detail.contains(&other), "{of:?}");
            of.detail.lines().last().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn one_object_in_two_blocks_is_told_by_the_plan_whoever_manages_the_other() {
    for managers in [["a", "a"], ["a", "b"]] {
        let run = Run::new();
        let blocks = managers.map(|of| run.block("7-1", of));
        for (kind, one, other, code) in run.objects() {
            // A placement is its manager's: another's may have the same key elsewhere.
            let expected = match kind {
                "fleet_placement" if managers[0] != managers[1] => Vec::new(),
                _ => vec![code.to_owned()],
            };
            let first = run.plan(&blocks[0], kind, &one);
            assert!(!first.has_errors(), "{kind}: {first:?}");
            let second = run.plan(&blocks[1], kind, &other);
            assert_eq!(told(&second, managers[0]), expected, "{kind} {managers:?}");
        }
    }
}

#[test]
fn what_two_placements_emit_is_one_blocks_whatever_its_path_looks_like() {
    let run = Run::new();
    let blocks = ["a", "b"].map(|of| run.block("7-1", of));
    let (_, one, ..) = run.objects().pop().unwrap();
    let mut other = one.clone();
    let path = one["emit"]["json"]["path"].as_str().unwrap();
    other["emit"]["json"]["path"] = json!(format!("{path}/./x/.."));
    assert!(!run.plan(&blocks[0], "fleet_placement", &one).has_errors());
    let second = run.plan(&blocks[1], "fleet_placement", &other);
    assert_eq!(told(&second, "a"), ["FLEET0418"]);
}

#[test]
fn two_runs_at_once_and_the_apply_after_the_plan_are_not_told() {
    for (kind, one, ..) in Run::new().objects() {
        let run = Run::new();
        let mut one = one;
        if kind == "fleet_placement" {
            one = run.objects().pop().unwrap().1;
        }
        let (plan, elsewhere) = (run.block("7-1", "a"), run.block("8-1", "a"));
        for block in [&plan, &elsewhere] {
            assert!(!run.plan(block, kind, &one).has_errors(), "{kind}");
        }
        drop(plan);
        let apply = run.block("7-1", "a");
        assert!(!run.plan(&apply, kind, &one).has_errors(), "{kind}");
    }
}
