//! A directory with an inventory, and a provider that offers placements only.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use fleet_model::account::{AccountClass, BaselinePolicy, BaselineVersion, Contract};
use fleet_model::cluster::Record;
use fleet_model::inventory::{About, AccountDocument, ClusterDocument};
use fleet_model::lifecycle::LifecyclePhase;
use fleet_model::name::{Key, Name};
use fleet_model::readiness::Verdict;
use fleet_model::snapshot::overlay;
use serde_json::{Value as Json, json};
use tfplugin::diagnostic::{Diagnostics, Severity};
use tfplugin::erased::{Capabilities, Planned, Registered, Saved, Stored};
use tfplugin::value::json as wire;
use tfplugin::{Attr, Context, Object, Provider, Registry, Value};
use tokio::runtime::Runtime as Tokio;

use super::super::Placement;
use crate::config::{RunLimits, Settings, Unknown};
use crate::inventory::{Seen, Store};
use crate::runtime::Runtime;

const TYPE: &str = "fleet_placement";

/// Only placements, of the owner `platform`.
struct Placements(Arc<Runtime>);

/// Nothing to configure.
#[derive(Debug, Clone, Object)]
struct NoConfig {
    /// Nothing.
    #[attribute(optional)]
    nothing: Attr<String>,
}

impl Provider for Placements {
    type Config = NoConfig;

    const NAME: &'static str = "fleet";
    const ADDRESS: &'static str = "registry.terraform.io/fleet-iac/fleet";

    async fn configure(&self, _cx: &Context, config: NoConfig) -> Diagnostics {
        let _ = config.nothing;
        Diagnostics::new()
    }

    fn register(&self, registry: &mut Registry) {
        registry.resource(Placement::new(Arc::clone(&self.0)));
    }
}

/// The provider block, without any limit of a run.
fn settings(blast_radius: RunLimits) -> Settings {
    Settings {
        vendors: Attr::Null,
        inventory_author: [None, None],
        inventory_freshness: crate::inventory::Freshness::Git,
        inventory_remote: Attr::Null,
        inventory_branch: Attr::Null,
        inventory_acknowledged: Attr::Null,
        baseline_change_limit: Attr::Null,
        managed_by: Attr::Known("platform".to_owned()),
        default_tags: Attr::Null,
        ignored_tags: Attr::Null,
        email_pattern: Attr::Null,
        blast_radius,
        inventory_path: Attr::Null,
        aws: Err(Unknown("nothing")),
    }
}

/// The provider of one run, and what it knows of the run.
fn provider(limits: RunLimits) -> (Registered, Arc<Runtime>) {
    let runtime = Arc::new(Runtime::default());
    runtime.configure(settings(limits));
    (Registered::new(Placements(Arc::clone(&runtime))), runtime)
}

/// What is in state, with what is kept beside it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub(super) value: Value,
    pub(super) private: Vec<u8>,
}

pub(super) struct World {
    pub(super) directory: tempfile::TempDir,
    /// The provider of the run that is going on, and what that knows.
    provider: RefCell<Rc<Registered>>,
    runtime: RefCell<Arc<Runtime>>,
    tokio: Tokio,
}

// === impl State ===

impl State {
    pub(super) fn none() -> Self {
        Self { value: Value::Null, private: Vec::new() }
    }

    pub(super) fn json(&self) -> Json {
        wire::to_json(&self.value).unwrap()
    }

    pub(super) fn targets(&self) -> BTreeMap<String, String> {
        let targets = self.json()["targets"].as_object().unwrap().clone();
        let text = |target: &Json, name: &str| target[name].as_str().unwrap().to_owned();
        targets
            .iter()
            .map(|(name, of)| {
                (name.clone(), format!("{} {}", text(of, "region"), text(of, "role")))
            })
            .collect()
    }
}

// === impl World ===

impl World {
    /// An inventory with one ready account and these clusters in `prod`.
    pub(super) fn new(clusters: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("inventory")).unwrap();
        let (provider, runtime) = provider(RunLimits::default());
        let (provider, runtime) = (RefCell::new(Rc::new(provider)), RefCell::new(runtime));
        let world = Self { directory, provider, runtime, tokio: Tokio::new().unwrap() };
        world.account(true);
        for (name, region) in clusters {
            world.register(&record(name, region));
        }
        world
    }

    /// The same directory as another process sees it.
    pub(super) fn restarted(self) -> Self {
        self.run(RunLimits::default());
        self
    }

    /// Another run of the CLI begins, with these limits in the provider block: a provider that remembers
    /// nothing.
    pub(super) fn run(&self, limits: RunLimits) {
        let (provider, runtime) = provider(limits);
        *self.provider.borrow_mut() = Rc::new(provider);
        *self.runtime.borrow_mut() = runtime;
    }

    /// The run plans to create this account, and finds that it will not be ready.
    pub(super) fn stays_closed(&self, account: &str) {
        let open = vec!["organization-policies".to_owned()];
        self.runtime.borrow().account_stays_closed(&Key::new(account).unwrap(), open);
    }

    fn provider(&self) -> Rc<Registered> {
        Rc::clone(&self.provider.borrow())
    }

    /// The CLI loads a state in this run.
    pub(super) fn load(&self, state: &State) {
        let text = serde_json::to_vec(&state.json()).unwrap();
        let (_, diagnostics) = self.provider().upgrade_resource_state(TYPE, 0, &text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }

    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    pub(super) fn store(&self) -> Store {
        Store::open(self.path("inventory")).unwrap()
    }

    /// The account of every cluster, ready or with an open check.
    pub(super) fn account(&self, ready: bool) {
        self.store().put_account(&account(ready), &Seen::default()).unwrap();
    }

    /// What a registration does in its apply.
    pub(super) fn register(&self, record: &Json) {
        let document = ClusterDocument {
            serial: 0,
            managed_by: "platform".into(),
            cluster: Record::parse(&record.to_string()).unwrap(),
            about: About::default(),
        };
        self.store().put_cluster(&document, &Seen::default()).unwrap();
    }

    pub(super) fn unregister(&self, name: &str) {
        fs::remove_file(self.path("inventory/clusters").join(format!("{name}.yaml"))).unwrap();
    }

    /// `overlay(data.fleet_inventory.….snapshot, records)`.
    pub(super) fn inventory(&self, records: &[Json]) -> String {
        let records: Vec<String> = records.iter().map(Json::to_string).collect();
        let snapshot = self.store().snapshot().unwrap();
        let laid_over = overlay(&snapshot, records.iter().map(String::as_str)).unwrap();
        laid_over.encode().unwrap()
    }

    /// A configuration of `app-prod` on the store as it is, with these arguments beside.
    pub(super) fn config(&self, arguments: Json) -> Value {
        self.config_of(json!(self.inventory(&[])), arguments)
    }

    pub(super) fn config_of(&self, inventory: Json, arguments: Json) -> Value {
        let mut config = json!({
            "app": "app", "environment": "prod", "namespace": "team", "inventory": inventory,
        });
        for (name, value) in arguments.as_object().unwrap() {
            config[name] = value.clone();
        }
        let provider = self.provider();
        let (_, ty) = provider.resource_schema(TYPE).unwrap();
        wire::from_json(config, ty).unwrap()
    }

    /// `emit` with both kinds, into the directory of this world.
    pub(super) fn emit(&self) -> Json {
        json!({ "argocd": self.argocd("apps"), "json": { "path": self.path("targets") } })
    }

    pub(super) fn argocd(&self, directory: &str) -> Json {
        json!({
            "path": self.path(directory), "project": "team",
            "repo_url": "https://git.example.com/app.git",
            "target_revision": "main", "source_path": "deploy",
        })
    }

    pub(super) fn validate(&self, config: &Value) -> Diagnostics {
        self.provider().validate_resource(TYPE, config.clone(), CAPABLE)
    }

    /// A plan of this placement alone, in a run of its own.
    pub(super) fn plan(&self, config: &Value, prior: &State) -> Planned {
        self.run(RunLimits::default());
        self.plan_beside(config, prior)
    }

    /// A plan in the run that is going on. What core does: computed values that are not configured are
    /// proposed as they are in state.
    pub(super) fn plan_beside(&self, config: &Value, prior: &State) -> Planned {
        let mut proposed = config.clone();
        if let (Value::Object(proposed), Value::Object(prior)) = (&mut proposed, &prior.value) {
            for name in ["key", "id", "targets", "artifacts", "acknowledged"] {
                if proposed[name].is_null() {
                    proposed.insert(name.into(), prior[name].clone());
                }
            }
        }
        self.tokio.block_on(self.provider().plan_resource_change(
            TYPE,
            Stored::new(prior.value.clone(), &prior.private),
            proposed,
            config.clone(),
            CAPABLE,
        ))
    }

    /// As [`World::plan`].
    pub(super) fn plan_destroy(&self, prior: &State) -> Planned {
        self.run(RunLimits::default());
        self.plan_destroy_beside(prior)
    }

    pub(super) fn plan_destroy_beside(&self, prior: &State) -> Planned {
        let null = Value::Null;
        self.tokio.block_on(self.provider().plan_resource_change(
            TYPE,
            Stored::new(prior.value.clone(), &prior.private),
            null.clone(),
            null,
            CAPABLE,
        ))
    }

    pub(super) fn carry_out(&self, config: &Value, prior: &State, planned: &Planned) -> Saved {
        self.tokio.block_on(self.provider().apply_resource_change(
            TYPE,
            prior.value.clone(),
            Stored::new(planned.planned.clone(), &planned.private),
            config.clone(),
        ))
    }

    /// Plan and apply, without any error.
    pub(super) fn apply(&self, config: &Value, prior: &State) -> State {
        let planned = self.plan(config, prior);
        assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
        let saved = self.carry_out(config, prior, &planned);
        assert!(!saved.diagnostics.has_errors(), "{:?}", saved.diagnostics);
        State { value: saved.state, private: saved.private }
    }

    fn read(&self, state: &State) -> Saved {
        let stored = Stored::new(state.value.clone(), &state.private);
        let provider = self.provider();
        self.tokio.block_on(provider.read_resource(TYPE, stored, CAPABLE))
    }

    /// What a refresh says.
    pub(super) fn refresh_told(&self, state: &State) -> Diagnostics {
        self.read(state).diagnostics
    }

    pub(super) fn refresh(&self, state: &State) -> State {
        let saved = self.read(state);
        assert!(saved.diagnostics.is_empty(), "{:?}", saved.diagnostics);
        State { value: saved.state, private: saved.private }
    }

    /// After a refresh, nothing is to do and nothing is said.
    pub(super) fn assert_settled(&self, config: &Value, state: &State) {
        let refreshed = self.refresh(state);
        assert_eq!(refreshed, *state);
        let planned = self.plan(config, &refreshed);
        assert!(planned.diagnostics.is_empty(), "{:?}", planned.diagnostics);
        assert_eq!(planned.planned, state.value);
    }
}

/// This CLI knows write-only attributes.
const CAPABLE: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };

pub(super) fn record(name: &str, region: &str) -> Json {
    json!({
        "name": name, "account": "pay", "environment": "prod", "region": region,
        "cloud": "aws", "data_classification": "pci",
    })
}

pub(super) fn tainted(name: &str, region: &str, effect: &str) -> Json {
    let mut record = record(name, region);
    record["taints"] = json!([{ "key": "maintenance", "effect": effect }]);
    record
}

/// The codes of the errors or warnings, each the last line of a detail.
pub(super) fn codes(diagnostics: &Diagnostics, severity: Severity) -> Vec<&str> {
    let these = diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity);
    these.map(|diagnostic| diagnostic.detail.lines().last().unwrap()).collect()
}

pub(super) fn errors(diagnostics: &Diagnostics) -> Vec<&str> {
    codes(diagnostics, Severity::Error)
}

pub(super) fn warnings(diagnostics: &Diagnostics) -> Vec<&str> {
    codes(diagnostics, Severity::Warning)
}

fn account(ready: bool) -> AccountDocument {
    let word = |text: &str| Name::new(text).unwrap();
    let open: &[&str] = if ready { &[] } else { &["password-policy", "oidc-trust"] };
    AccountDocument {
        serial: 0,
        registrars: None,
        managed_by: "platform".into(),
        id: "123456789012".into(),
        contract: Contract {
            vendor: None,
            key: Key::new("pay").unwrap(),
            name: "pay".into(),
            email: "a@example.com".into(),
            account_class: AccountClass::Sandbox,
            environment: word("prod"),
            owner: word("team"),
            data_classification: word("pci"),
            region_set: BTreeSet::new(),
            network_profile: word("private"),
            baseline_policy: BaselinePolicy::Sandbox,
            baseline_version: BaselineVersion::default(),
            budget_owner: word("team"),
            gitops_enabled: false,
            controls: BTreeMap::new(),
            identity: None,
            role_name: "r".into(),
        },
        phase: if ready { "ready" } else { "accessible" }.into(),
        lifecycle_phase: LifecyclePhase::Active,
        closed_at: None,
        ready,
        digest: "d".into(),
        verdicts: [("password-policy".to_owned(), Verdict::Pass)].into(),
        open_checks: open.iter().map(|check| ((*check).to_owned(), "x".to_owned())).collect(),
        prior_settings: BTreeMap::new(),
        arguments: fleet_model::inventory::Arguments::default(),
        edited: false,
    }
}
