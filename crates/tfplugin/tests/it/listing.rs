//! Lists of objects: what is handed over, when they end, and what is said about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tfplugin::erased::{ListEvent, Registered};
use tfplugin::schema::json;
use tfplugin::{
    Applied, Attr, CancellationToken, Context, Create, Delete, Diagnostic, Diagnostics, Found,
    Identified, List, ListResource, Listed, Object, Provider, Read, Registry, Resource, Update,
    Value,
};
use tokio::sync::mpsc;

use crate::cloud::{Config, block_on, filled, lines};

/// A key.
#[derive(Debug, Clone, Object)]
struct Key {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// What it opens with.
    #[attribute(optional, write_only)]
    secret: Attr<String>,
    /// Its id.
    #[attribute(computed)]
    id: Attr<String>,
}

/// What identifies a key.
#[derive(Debug, Clone, Object)]
struct KeyIdentity {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
}

struct Keys;

impl Resource for Keys {
    type Model = Key;
    const TYPE: &'static str = "cloud_key";

    async fn create(&self, _: &Context, request: Create<Key>) -> Applied<Key> {
        Applied::ok(request.planned)
    }
    async fn read(&self, _: &Context, request: Read<Key>) -> Applied<Key> {
        Applied::ok(request.state)
    }
    async fn update(&self, _: &Context, request: Update<Key>) -> Applied<Key> {
        Applied::ok(request.planned)
    }
    async fn delete(&self, _: &Context, _: Delete<Key>) -> Applied<Key> {
        Applied::gone()
    }
}

impl Identified for Keys {
    type Identity = KeyIdentity;

    fn identity(&self, state: &Key) -> Option<KeyIdentity> {
        Some(KeyIdentity { name: state.name.clone() })
    }

    async fn import_by_identity(&self, _: &Context, _: KeyIdentity) -> Applied<Key> {
        Applied::gone()
    }
}

/// Finds keys.
#[derive(Debug, Clone, Object)]
struct Search {
    /// What to find: `many`, `bare`, `unknown`, `nameless`, `failing`, or `panic` after the first.
    #[attribute(required, validate(length(1..)))]
    what: Attr<String>,
}

/// Counts how many it was asked for.
#[derive(Clone, Default)]
struct KeyList(Arc<AtomicUsize>);

impl ListResource for KeyList {
    type Resource = Keys;
    type Config = Search;

    fn validate(&self, config: &Search, diagnostics: &mut Diagnostics) {
        if config.what.as_str() == Some("everything") {
            diagnostics.push(Diagnostic::error("Too much", "Say what.").at("what"));
        }
    }

    async fn list(
        &self,
        cx: &Context,
        request: List<Search>,
        found: &mut Found<Keys>,
    ) -> Diagnostics {
        let what = request.config.what.as_str().unwrap_or_default().to_owned();
        loop {
            let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            let name = Attr::Known(format!("k{number}"));
            let mut key =
                Key { name: name.clone(), secret: "s".into(), id: name.clone().map(|n| n + "!") };
            let identity = KeyIdentity { name };
            let mut listed: Listed<Keys> = Listed::new(format!("key {number}"), identity);
            match what.as_str() {
                "unknown" => key.id = Attr::Unknown,
                "nameless" => listed.identity.name = Attr::Null,
                "failing" => {
                    let error = Diagnostic::error("No access", "It is not ours.");
                    listed.diagnostics.push(error);
                }
                _ => {}
            }
            if what != "bare" {
                listed.resource = Some(key);
            }
            if found.push(listed).await.is_break() {
                break;
            }
            assert_ne!(what, "panic", "enough");
        }
        assert!(found.push(Listed::new("late", KeyIdentity { name: "k".into() })).await.is_break());
        if cx.cancelled.is_cancelled() {
            return Diagnostic::warning("Stopped", "There may be more.").into();
        }
        Diagnostics::new()
    }
}

struct Cloud(KeyList);

impl Provider for Cloud {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.identified_resource(Keys).list_resource(self.0.clone());
    }
}

/// Forgets to register the resource.
struct Forgetful;

impl Provider for Forgetful {
    type Config = Config;
    const NAME: &'static str = "cloud";
    const ADDRESS: &'static str = "registry.terraform.io/example/cloud";

    fn register(&self, registry: &mut Registry) {
        registry.list_resource(KeyList::default());
    }
}

fn search(what: &str) -> List<Value> {
    List::new(filled::<Search, 1>([("what", what.into())]))
}

/// All that a search finds, at most `limit`.
fn find(request: List<Value>) -> (Vec<ListEvent>, Diagnostics) {
    let provider = Registered::new(Cloud(KeyList::default()));
    let (sender, mut receiver) = mpsc::channel(1);
    block_on(async {
        let list = provider.list_resource("cloud_key", request, CancellationToken::new(), sender);
        let receive = async {
            let mut events = Vec::new();
            while let Some(event) = receiver.recv().await {
                events.push(event);
            }
            events
        };
        let (diagnostics, events) = futures::future::join(list, receive).await;
        (events, diagnostics)
    })
}

#[test]
fn as_many_as_are_wanted() {
    let (events, diagnostics) = find(search("many").at_most(3));
    assert!(diagnostics.is_empty(), "{:?}", lines(&diagnostics));
    let names: Vec<_> = events.iter().map(|event| event.display_name.as_str()).collect();
    assert_eq!(names, ["key 1", "key 2", "key 3"]);
    assert_eq!(events[0].identity, filled::<KeyIdentity, 1>([("name", "k1".into())]));
    assert!(events.iter().all(|event| event.resource.is_none() && event.diagnostics.is_empty()));
    assert_eq!(find(search("many").at_most(0)).0, []);
}

#[test]
fn whole_objects_where_they_are_wanted() {
    let (events, _) = find(search("many").at_most(1).with_resources());
    // Without what no state keeps.
    let key = filled::<Key, 2>([("name", "k1".into()), ("id", "k1!".into())]);
    assert_eq!(events[0].resource, Some(key));
    assert!(events[0].diagnostics.is_empty());
}

#[test]
fn what_is_wrong_with_an_object_is_said_with_it() {
    for (what, said) in [
        (
            "bare",
            "Warning [] Incomplete list: The object is missing in the listed object `key 1`, though it was asked for.",
        ),
        ("unknown", "Error [id] Invalid state: After the list, the value of `id` is unknown."),
        (
            "nameless",
            "Error [] Incomplete identity: The attribute `name` of the identity of the listed object `key 1` is null, \
             though it is required.",
        ),
        ("failing", "Error [] No access: It is not ours."),
    ] {
        let (events, _) = find(search(what).at_most(1).with_resources());
        assert_eq!(lines(&events[0].diagnostics), [said]);
    }
}

#[test]
fn a_crash_ends_the_list_with_a_message() {
    let (events, diagnostics) = find(search("panic"));
    assert_eq!(events.len(), 1);
    let said = lines(&diagnostics);
    assert!(said[0].contains("tried to list `cloud_key`"), "{said:?}");
}

#[test]
fn it_runs_no_further_ahead_than_the_cli_takes() {
    let list = KeyList::default();
    let made = Arc::clone(&list.0);
    let provider = Registered::new(Cloud(list));
    let (sender, mut receiver) = mpsc::channel(1);
    let cancelled = CancellationToken::new();
    let diagnostics = block_on(async {
        let run = provider.list_resource("cloud_key", search("many"), cancelled.clone(), sender);
        let watch = async {
            receiver.recv().await.unwrap();
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            // One taken, one in the channel, one in the hand.
            assert!(made.load(Ordering::Relaxed) <= 3);
            cancelled.cancel();
            receiver
        };
        futures::future::join(run, watch).await.0
    });
    assert_eq!(lines(&diagnostics), ["Warning [] Stopped: There may be more."]);
}

#[test]
fn it_ends_when_nobody_listens() {
    let provider = Registered::new(Cloud(KeyList::default()));
    let (sender, receiver) = mpsc::channel(1);
    drop(receiver);
    let list =
        provider.list_resource("cloud_key", search("many"), CancellationToken::new(), sender);
    assert!(block_on(list).is_empty());
}

#[test]
fn configurations_are_checked() {
    let provider = Registered::new(Cloud(KeyList::default()));
    let validate = |name: &str, what: &str| {
        let config = filled::<Search, 1>([("what", what.into())]);
        lines(&provider.validate_list_resource(name, config))
    };
    assert!(validate("cloud_key", "many").is_empty());
    assert_eq!(validate("cloud_key", "everything"), ["Error [what] Too much: Say what."]);
    assert!(validate("cloud_key", "")[0].starts_with("Error [what] Invalid value for `what`: "));
    assert_eq!(
        validate("cloud_lake", "many"),
        ["Error [] Unknown list resource: This provider has no list of `cloud_lake`."]
    );
}

#[test]
fn the_schema_says_what_can_be_listed() {
    let schemas = json::provider_schemas(&Registered::new(Cloud(KeyList::default())));
    let cloud = &schemas["provider_schemas"]["registry.terraform.io/example/cloud"];
    let list = &cloud["list_resource_schemas"]["cloud_key"];
    assert_eq!(list["block"]["description"], "Finds keys.");
    assert_eq!(list["block"]["attributes"]["what"]["required"], true);
    assert_eq!(
        cloud["resource_identity_schemas"]["cloud_key"],
        serde_json::json!({
            "version": 0,
            "attributes": {
                "name": { "type": "string", "description": "Its name.", "required_for_import": true },
            },
        })
    );
    let problems: Vec<String> =
        Registered::new(Forgetful).problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["list.cloud_key: what it lists is not registered as an identified resource"]
    );
}
