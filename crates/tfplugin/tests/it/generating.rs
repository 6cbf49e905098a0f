//! Configurations that are generated for objects which were imported.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::erased::Registered;
use tfplugin::{
    Applied, Attr, Context, Create, Delete, Object, Provider, Read, Registry, Resource, Update,
    Value,
};

use crate::cloud::{Config, filled, lines};

/// A queue.
#[derive(Debug, Clone, Object)]
struct Queue {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// Its id.
    #[attribute(computed)]
    id: Attr<String>,
    /// Its size.
    #[attribute(optional, computed, default = 10)]
    size: Attr<i64>,
    /// How it is kept.
    #[attribute(optional, computed)]
    class: Attr<String>,
    /// What opens it.
    #[attribute(optional, write_only)]
    key: Attr<String>,
    /// What it was called.
    #[attribute(optional, deprecated = "Use `name`.")]
    title: Attr<String>,
    /// Which name it still has to have.
    #[attribute(required, deprecated = "It will go.")]
    alias: Attr<String>,
    /// Its prefix, if it has no name of its own.
    #[attribute(optional)]
    prefix: Attr<String>,
    /// Who reads it.
    #[attribute(optional)]
    readers: Attr<Vec<Reader>>,
    /// Who writes it.
    #[attribute(optional)]
    writers: Attr<BTreeSet<Reader>>,
    /// Who looks after it.
    #[attribute(optional)]
    owners: Attr<BTreeMap<String, Reader>>,
    /// What it adds up.
    #[attribute(computed)]
    totals: Attr<Vec<Reader>>,
}

/// Someone with access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Object)]
struct Reader {
    /// Who it is.
    #[attribute(required)]
    who: Attr<String>,
    /// How much at a time.
    #[attribute(optional, computed, default = 1)]
    batch: Attr<i64>,
    /// Since when.
    #[attribute(computed)]
    since: Attr<String>,
}

struct Queues;

impl Resource for Queues {
    type Model = Queue;
    const TYPE: &'static str = "cloud_queue";

    async fn create(&self, _: &Context, request: Create<Queue>) -> Applied<Queue> {
        Applied::ok(request.planned)
    }
    async fn read(&self, _: &Context, request: Read<Queue>) -> Applied<Queue> {
        Applied::ok(request.state)
    }
    async fn update(&self, _: &Context, request: Update<Queue>) -> Applied<Queue> {
        Applied::ok(request.planned)
    }
    async fn delete(&self, _: &Context, _: Delete<Queue>) -> Applied<Queue> {
        Applied::gone()
    }

    fn generate_config(&self, state: &Queue, config: &mut Queue) {
        assert_ne!(state.id.as_str(), Some("panic"), "asked to");
        // A name and a prefix exclude each other.
        config.prefix = Attr::Null;
    }
}

struct Cloud;

impl Provider for Cloud {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.resource(Queues);
    }
}

fn reader(who: &str, batch: Value, since: Value) -> Value {
    filled::<Reader, 3>([("who", who.into()), ("batch", batch), ("since", since)])
}

#[test]
fn what_a_person_would_configure_is_left() {
    let seen = || reader("a", 1.into(), "monday".into());
    let plain = || reader("a", Value::Null, Value::Null);
    let many = || reader("b", 5.into(), Value::Null);
    let state = filled::<Queue, 12>([
        ("name", "jobs".into()),
        ("id", "q-1".into()),
        ("size", 10.into()),
        ("class", "fast".into()),
        ("key", Value::Null),
        ("title", "Jobs".into()),
        ("alias", "j".into()),
        ("prefix", "jo".into()),
        ("readers", Value::List(vec![seen(), reader("b", 5.into(), "tuesday".into())])),
        ("writers", Value::set([seen(), reader("a", 1.into(), "friday".into())])),
        ("owners", Value::Map([("x".to_owned(), seen())].into())),
        ("totals", Value::List(vec![seen()])),
    ]);
    let config = Registered::new(Cloud).generate_resource_config("cloud_queue", state);
    assert_eq!(
        config,
        Ok(filled::<Queue, 6>([
            ("name", "jobs".into()),
            ("class", "fast".into()),
            ("alias", "j".into()),
            ("readers", Value::List(vec![plain(), many()])),
            ("writers", Value::set([plain()])),
            ("owners", Value::Map([("x".to_owned(), plain())].into())),
        ]))
    );
}

#[test]
fn what_cannot_be_generated_says_why() {
    let generate = |name: &str, state: Value| {
        let found = Registered::new(Cloud).generate_resource_config(name, state);
        lines(&found.unwrap_err()).join("\n")
    };
    assert!(generate("cloud_lake", Value::Null).starts_with("Error [] Unknown resource: "));
    assert_eq!(
        generate("cloud_queue", Value::Null),
        "Error [] Nothing to generate from: There is no `cloud_queue` to make a configuration of."
    );
    let cursed = filled::<Queue, 1>([("id", "panic".into())]);
    assert!(generate("cloud_queue", cursed).contains("asked to"));
}
