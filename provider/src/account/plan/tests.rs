//! What a plan of an account shows, through the SDK's own walk of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleet_model::readiness::Verdict;
use fleet_vending::Phase;
use fleet_vending::aws::api::AccountState;
use tfplugin::erased::{Capabilities, Planned, Registered, Stored};
use tfplugin::value::AttributeType as _;
use tfplugin::value::json as wire;
use tfplugin::{Context, Object, Provider, Registry, Resource as _, Timeouts, Value};

use super::super::tests::{outcome, planned};
use super::super::{Account, facts};
use super::*;
use crate::config::{RunLimits, Settings, Unknown};
use crate::runtime::Runtime;

const TYPE: &str = Account::TYPE;
const CAPABLE: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };

/// Only accounts. What the provider block says of AWS and of the inventory is not known yet, so nothing is called.
struct Accounts(Arc<Runtime>);

/// Nothing to configure.
#[derive(Debug, Clone, Object)]
struct NoConfig {
    /// Nothing.
    #[attribute(optional)]
    nothing: Attr<String>,
}

impl Provider for Accounts {
    type Config = NoConfig;

    const NAME: &'static str = "fleet";
    const ADDRESS: &'static str = "registry.terraform.io/fleet-iac/fleet";

    async fn configure(&self, _context: &Context, config: NoConfig) -> Diagnostics {
        let _ = config.nothing;
        Diagnostics::new()
    }

    fn register(&self, registry: &mut Registry) {
        registry.identified_resource(Account::new(Arc::clone(&self.0)));
    }
}

fn provider(email_pattern: Attr<String>) -> Registered {
    let runtime = Arc::new(Runtime::default());
    runtime.configure(Settings {
        vendors: Attr::Null,
        managed_by: text("platform"),
        default_tags: Attr::Known([("team".to_owned(), "a".to_owned())].into()),
        ignored_tags: Attr::Null,
        inventory_path: Attr::Unknown,
        inventory_author: [None, None],
        inventory_freshness: crate::inventory::Freshness::Git,
        inventory_remote: Attr::Null,
        inventory_branch: Attr::Null,
        inventory_acknowledged: Attr::Null,
        email_pattern,
        blast_radius: RunLimits::default(),
        baseline_change_limit: Attr::Null,
        aws: Err(Unknown("region")),
    });
    Registered::new(Accounts(runtime))
}

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

/// What is configured: `model` without what only the provider sets.
fn configured(model: &Model) -> Value {
    let Value::Object(mut all) = model.clone().encode() else { panic!("an object") };
    for (name, attribute) in &Model::block().attributes {
        if attribute.computed && !attribute.optional {
            all.insert(name.clone(), Value::Null);
        }
    }
    Value::Object(all)
}

/// A plan as core asks for it: what is computed and not configured is proposed as it is in state.
async fn plan(provider: &Registered, prior: Option<&Model>, desired: &Model) -> Planned {
    plan_with(provider, prior, b"", desired).await
}

/// The same, with what stands beside the state.
async fn plan_with(
    provider: &Registered,
    prior: Option<&Model>,
    private: &[u8],
    desired: &Model,
) -> Planned {
    let config = configured(desired);
    let prior = prior.map_or(Value::Null, |prior| prior.clone().encode());
    let mut proposed = config.clone();
    if let (Value::Object(proposed), Value::Object(prior)) = (&mut proposed, &prior) {
        for (name, attribute) in &Model::block().attributes {
            if attribute.computed && proposed[name].is_null() {
                proposed.insert(name.clone(), prior[name].clone());
            }
        }
    }
    let stored = Stored::new(prior, private);
    provider.plan_resource_change(TYPE, stored, proposed, config, CAPABLE).await
}

/// The state of an account that is ready.
fn ready() -> Model {
    facts::state(planned(), &outcome(Verdict::Pass), Some("abc".to_owned()))
}

type Edit = fn(&mut Model);

/// Changes of arguments, and whether each bears on where the account sits or on its checks.
const EDITS: [(&str, bool, Edit); 17] = [
    ("name", false, |m| m.name = text("payments-production")),
    ("environment", false, |m| m.environment = text("staging")),
    ("owner", false, |m| m.owner = text("other")),
    ("data_classification", false, |m| m.data_classification = text("internal")),
    ("network_profile", false, |m| m.network_profile = text("public")),
    ("budget_owner", false, |m| m.budget_owner = text("other")),
    ("gitops_enabled", false, |m| m.gitops_enabled = Attr::Known(false)),
    ("tags", false, |m| m.tags = Attr::Known([("a".to_owned(), Some("b".to_owned()))].into())),
    ("alternate_contacts", false, |m| m.alternate_contacts = Attr::Null),
    ("close_on_deletion", false, |m| m.close_on_deletion = Attr::Known(false)),
    ("timeouts", false, |m| m.timeouts = Attr::Known(Timeouts::default())),
    ("parent", true, |m| m.parent = text("Workloads/Other")),
    ("baseline_policy", true, |m| m.baseline_policy = text("sandbox")),
    ("baseline_version", true, |m| m.baseline_version = Attr::Known(2)),
    ("controls", true, |m| m.controls = Attr::Null),
    ("identity", true, |m| m.identity = Attr::Null),
    ("region_set", true, |m| m.region_set = Attr::Known(["eu-west-1".to_owned()].into())),
];

fn unknowns(planned: &Value) -> BTreeSet<String> {
    let attributes = planned.attributes().unwrap();
    attributes
        .iter()
        .filter(|(_, of)| !of.is_wholly_known())
        .map(|(name, _)| name.clone())
        .collect()
}

#[tokio::test]
async fn only_what_can_change_is_unknown() {
    let provider = || provider(Attr::Null);
    let vending = ["parent_id", "phase", "status_reason", "ready", "readiness", "inventory_sha256"];
    for (argument, bears, edit) in EDITS {
        let mut desired = ready();
        edit(&mut desired);
        let planned = plan(&provider(), Some(&ready()), &desired).await;
        assert!(!planned.diagnostics.has_errors(), "{argument}: {:?}", planned.diagnostics);
        let expected: &[&str] = if bears { &vending } else { &["inventory_sha256"] };
        let expected = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(unknowns(&planned.planned), expected, "{argument}");
    }
    // A tag and a word together, as one by one.
    let mut desired = ready();
    (EDITS[5].2)(&mut desired);
    (EDITS[7].2)(&mut desired);
    let both = plan(&provider(), Some(&ready()), &desired).await;
    assert_eq!(unknowns(&both.planned), ["inventory_sha256".to_owned()].into());
    // Of an account that is not ready, whatever an apply goes on with may become another.
    let waits = Model { ready: Attr::Known(false), ..ready() };
    let mut desired = waits.clone();
    (EDITS[5].2)(&mut desired);
    let planned = plan(&provider(), Some(&waits), &desired).await;
    assert_eq!(unknowns(&planned.planned), vending.map(str::to_owned).into());
    let none = plan(&provider(), Some(&ready()), &ready()).await;
    assert_eq!(none.planned, ready().encode(), "no change is no change");
}

/// Every set of changes with everything that an apply may find: what the plan knew comes back, and nothing is left unknown.
#[tokio::test]
async fn an_apply_never_changes_what_its_plan_knew() {
    let provider = || provider(Attr::Null);
    let finds: [fn(&mut fleet_vending::Outcome); 5] = [
        |_| {},
        |of| *of = outcome(Verdict::Fail),
        |of| of.facts.parent_id = "ou-ab12-elsewher".to_owned(),
        |of| (of.facts.state, of.phase) = (AccountState::Suspended, Phase::Suspended),
        |of| of.lifecycle_phase = LifecyclePhase::Closed,
    ];
    let mut kept = BTreeMap::<String, u32>::new();
    // Pairs are enough: what a change bears on does not depend on a third.
    for (at, (_, _, one)) in EDITS.iter().enumerate() {
        for (_, _, other) in &EDITS[at..] {
            let mut desired = ready();
            one(&mut desired);
            other(&mut desired);
            let planned = plan(&provider(), Some(&ready()), &desired).await;
            assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
            let promised = Model::decode(planned.planned.clone()).unwrap();
            for find in finds {
                let mut found = outcome(Verdict::Pass);
                find(&mut found);
                let state = facts::state(promised.clone(), &found, Some("def".to_owned()));
                let state = facts::as_promised(state, &promised).encode();
                for (name, value) in planned.planned.attributes().unwrap() {
                    let became = state.attribute(name).unwrap();
                    assert!(became.is_wholly_known(), "{name}");
                    if value.is_wholly_known() {
                        assert_eq!(became, value, "{name}");
                        *kept.entry(name.clone()).or_default() += 1;
                    }
                }
            }
        }
    }
    for name in ["ready", "phase", "parent_id", "state", "lifecycle_phase"] {
        assert!(kept[name] > 100, "{name} is promised now and then: {kept:?}");
    }
}

#[tokio::test]
async fn a_second_create_and_a_missing_email_are_refused_where_they_stand() {
    let new = || Model { email: Attr::Null, key: Attr::Null, ..planned() };
    let told = |planned: &Planned| {
        let told: Vec<_> = planned.diagnostics.iter().collect();
        let [one] = told.as_slice() else { panic!("{told:#?}") };
        let path = one.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{} [{path}]\n\n{}", one.summary, one.detail)
    };
    let mut all = Vec::new();
    for pattern in
        [Attr::Null, text("aws+{key}+of-the-fleet-of-this-company-and-no-other@mail.example.com")]
    {
        all.push(told(&plan(&provider(pattern), None, &new()).await));
    }
    let provider = provider(text("aws+{key}@example.com"));
    let made = plan(&provider, None, &new()).await;
    assert!(made.diagnostics.is_empty(), "{:?}", made.diagnostics);
    // A run that has seen the account in its state.
    let state = serde_json::to_vec(&wire::to_json(&ready().encode()).unwrap()).unwrap();
    let (_, loaded) = provider.upgrade_resource_state(TYPE, 0, &state);
    assert!(loaded.is_empty(), "{loaded:?}");
    all.push(told(&plan(&provider, None, &new()).await));
    insta::assert_snapshot!(all.join("\n\n---\n\n"));
}

/// Drift of a tag, of the name or of a contact is work that no check follows.
#[tokio::test]
async fn drift_of_what_describes_an_account_leaves_its_readiness_known() {
    let kept = |bears: &str| format!(r#"{{"file":false,"work":["tags"]{bears}}}"#).into_bytes();
    for (private, follows) in [
        (kept(r#","work_bears":false"#), false),
        (kept(r#","work_bears":true"#), true),
        // A state of before that was kept.
        (kept(""), true),
    ] {
        let done = plan_with(&provider(Attr::Null), Some(&ready()), &private, &ready()).await;
        assert!(!done.diagnostics.has_errors(), "{:?}", done.diagnostics);
        let unknown = unknowns(&done.planned);
        assert!(unknown.contains("inventory_sha256"), "{unknown:?}");
        for name in ["ready", "phase", "readiness", "parent_id"] {
            assert_eq!(unknown.contains(name), follows, "{name}: {unknown:?}");
        }
    }
}

/// Of an account that left, an apply only corrects the file, and its neighbours are planned as always.
#[tokio::test]
async fn tags_that_differ_in_case_only_are_refused_with_the_default_ones() {
    let tags = |key: &str| Attr::Known([(key.to_owned(), Some("b".to_owned()))].into());
    for prior in [None, Some(ready())] {
        for (key, refused) in [("team", false), ("Team", true)] {
            let desired = match &prior {
                None => planned(),
                Some(prior) => prior.clone(),
            };
            let desired = Model { tags: tags(key), ..desired };
            let done = plan(&provider(Attr::Null), prior.as_ref(), &desired).await;
            let said: Vec<_> = done.diagnostics.iter().map(|of| of.detail.clone()).collect();
            let told = said.iter().any(|of| of.ends_with("FLEET0008"));
            assert_eq!(told, refused, "{key}: {said:?}");
        }
    }
}

#[tokio::test]
async fn an_account_that_left_is_planned_for_its_file_alone() {
    let left = Model {
        phase: text(Phase::Removed.as_str()),
        ready: Attr::Known(false),
        parent_id: Attr::Null,
        state: Attr::Null,
        ..ready()
    };
    let wrong_file = br#"{"file":true,"work":[]}"#;
    let provider = || provider(Attr::Null);
    let marked = plan_with(&provider(), Some(&left), wrong_file, &left).await;
    assert!(!marked.diagnostics.has_errors(), "{:?}", marked.diagnostics);
    assert_eq!(unknowns(&marked.planned), ["inventory_sha256".to_owned()].into());
    assert_eq!(marked.diagnostics.iter().count(), 1, "{:?}", marked.diagnostics);
    // Once the file is right there is nothing to do, whatever else the provider block says by now.
    let tagged = Model { tags_all: Attr::Known(BTreeMap::new()), ..left.clone() };
    for left in [&left, &tagged] {
        let none = plan_with(&provider(), Some(left), b"", left).await;
        assert!(none.diagnostics.is_empty(), "{:?}", none.diagnostics);
        assert_eq!(none.planned, left.clone().encode());
    }
    // Whatever else is asked of it is refused, and named.
    for (argument, _, edit) in EDITS {
        let mut desired = left.clone();
        edit(&mut desired);
        let planned = plan_with(&provider(), Some(&left), wrong_file, &desired).await;
        let told: Vec<_> = planned.diagnostics.iter().collect();
        let [one] = told.as_slice() else { panic!("{argument}: {told:#?}") };
        assert!(one.detail.ends_with("FLEET0156"), "{one:?}");
        assert!(one.detail.contains(&format!("would change `{argument}` of")), "{one:?}");
    }
}
