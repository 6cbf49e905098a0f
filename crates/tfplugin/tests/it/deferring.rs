//! Answers that wait for a later plan: only where the CLI can wait, and never in an apply.

use tfplugin::erased::{Capabilities, Registered, Saved, Stored};
use tfplugin::{
    Action, ActionPlan, Applied, Context, DataSource, Deferred, Diagnostics, EphemeralResource,
    Opened, Progress, Provider, Registry, Value,
};

use crate::actions::Restart;
use crate::cloud::{Cloud, Config, Image, Servers, block_on, filled, lines, server};
use crate::ephemeral::Lease;

const WAITS: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: true };
const CANNOT_WAIT: Capabilities =
    Capabilities { write_only_attributes_allowed: true, deferral_allowed: false };

const REFUSED: [&str; 1] = [
    "Error [] Deferred answer: The provider has the answer wait for a later plan, though this CLI cannot wait.",
];

/// Servers that are decided about later.
fn later() -> Registered {
    Registered::new(Cloud::new(Servers {
        answer: Box::new(|_| Applied::deferred(Deferred::ProviderConfigUnknown)),
        modify: Box::new(|plan| plan.defer(Deferred::ResourceConfigUnknown)),
    }))
}

struct LateImages;

impl DataSource for LateImages {
    type Model = Image;
    const TYPE: &'static str = "cloud_image";

    async fn read(&self, cx: &Context, config: Image) -> Applied<Image> {
        // It asks first.
        if cx.deferral_allowed || config.name.as_str() == Some("stubborn") {
            return Applied::deferred(Deferred::AbsentPrerequisite);
        }
        Applied::ok(Image { id: "image-1".into(), ..config })
    }
}

struct LateLeases;

impl EphemeralResource for LateLeases {
    type Model = Lease;
    const TYPE: &'static str = "cloud_lease";

    async fn open(&self, _: &Context, _: Lease) -> Opened<Lease> {
        Opened::deferred(Deferred::ResourceConfigUnknown)
    }
}

struct LateRestarts;

impl Action for LateRestarts {
    type Config = Restart;
    const TYPE: &'static str = "cloud_restart";

    async fn plan(&self, _: &Context, _: Restart) -> ActionPlan {
        ActionPlan::deferred(Deferred::AbsentPrerequisite)
    }

    async fn invoke(&self, _: &Context, _: Restart, _: Progress) -> Diagnostics {
        Diagnostics::new()
    }
}

struct LateCloud;

impl Provider for LateCloud {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.data_source(LateImages).ephemeral_resource(LateLeases).action(LateRestarts);
    }
}

fn existing() -> Value {
    server([("name", "web".into()), ("size", "small".into()), ("id", "server-1".into())])
}

fn told(saved: &Saved, deferred: Option<Deferred>, state: &Value) {
    assert_eq!(saved.deferred, deferred);
    assert_eq!(&saved.state, state);
    let said: &[&str] = if deferred.is_some() { &[] } else { &REFUSED };
    assert_eq!(lines(&saved.diagnostics), said);
}

#[test]
fn a_read_and_an_import_wait_where_the_cli_can() {
    let provider = later();
    for (capabilities, deferred) in
        [(WAITS, Some(Deferred::ProviderConfigUnknown)), (CANNOT_WAIT, None)]
    {
        let stored = Stored::new(existing(), b"{\"a\":1}");
        let read = block_on(provider.read_resource("cloud_server", stored, capabilities));
        told(&read, deferred, &existing());
        assert_eq!(read.private, b"{\"a\":1}");
        let import =
            block_on(provider.import_resource_state("cloud_server", "server-1", capabilities));
        told(&import, deferred, &Value::Null);
    }
}

#[test]
fn a_plan_waits_where_the_cli_can() {
    let config = server([("name", "web".into())]);
    let plan = |capabilities| {
        let (proposed, config) = (config.clone(), config.clone());
        let prior = Stored::nothing();
        block_on(later().plan_resource_change(
            "cloud_server",
            prior,
            proposed,
            config,
            capabilities,
        ))
    };
    let waits = plan(WAITS);
    assert_eq!(waits.deferred, Some(Deferred::ResourceConfigUnknown));
    assert!(waits.diagnostics.is_empty(), "{:?}", lines(&waits.diagnostics));
    let refused = plan(CANNOT_WAIT);
    assert_eq!(refused.deferred, None);
    assert_eq!(lines(&refused.diagnostics), REFUSED);
}

#[test]
fn an_apply_never_waits() {
    let apply = |prior: Value, planned: Value| {
        let planned = Stored::new(planned, &[]);
        let config = server([("name", "web".into())]);
        block_on(later().apply_resource_change("cloud_server", prior, planned, config))
    };
    for (prior, planned, verb) in [
        (Value::Null, existing(), "create"),
        (existing(), existing(), "update"),
        (existing(), Value::Null, "delete"),
    ] {
        let saved = apply(prior.clone(), planned);
        assert_eq!((&saved.state, saved.deferred), (&prior, None));
        let said = lines(&saved.diagnostics);
        assert!(said[0].starts_with("Error [] Answer deferred in an apply: "), "{said:?}");
        assert!(said[0].contains(verb), "{said:?}");
    }
}

#[test]
fn a_data_source_waits_where_the_cli_can() {
    let provider = Registered::new(LateCloud);
    let read = |name: &str, capabilities| {
        let config = filled::<Image, 1>([("name", name.into())]);
        block_on(provider.read_data_source("cloud_image", config, capabilities))
    };
    let waits = read("a", WAITS);
    assert_eq!((waits.deferred, waits.state), (Some(Deferred::AbsentPrerequisite), Value::UNKNOWN));
    let known = read("a", CANNOT_WAIT);
    assert_eq!(known.state.attribute("id"), Some(&"image-1".into()));
    let refused = read("stubborn", CANNOT_WAIT);
    assert_eq!((refused.deferred, refused.state), (None, Value::Null));
    assert_eq!(lines(&refused.diagnostics), REFUSED);
}

#[test]
fn an_ephemeral_resource_waits_where_the_cli_can() {
    let open = |capabilities| {
        let config = filled::<Lease, 1>([("of", "life".into())]);
        block_on(Registered::new(LateCloud).open_ephemeral_resource(
            "cloud_lease",
            config,
            capabilities,
        ))
    };
    let waits = open(WAITS);
    assert_eq!(waits.deferred, Some(Deferred::ResourceConfigUnknown));
    assert_eq!((waits.result, waits.diagnostics.len()), (Value::UNKNOWN, 0));
    let refused = open(CANNOT_WAIT);
    assert_eq!((refused.result, refused.deferred), (Value::Null, None));
    assert_eq!(lines(&refused.diagnostics), REFUSED);
}

#[test]
fn the_plan_of_an_action_waits_where_the_cli_can() {
    let plan = |capabilities| {
        let config = filled::<Restart, 1>([("server", "web".into())]);
        block_on(Registered::new(LateCloud).plan_action("cloud_restart", config, capabilities))
    };
    assert_eq!(plan(WAITS), ActionPlan::deferred(Deferred::AbsentPrerequisite));
    let refused = plan(CANNOT_WAIT);
    assert_eq!(refused.deferred, None);
    assert_eq!(lines(&refused.diagnostics), REFUSED);
}
