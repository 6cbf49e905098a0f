//! Nested blocks of a resource: planned and checked like nested attributes.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::erased::{Capabilities, Planned, Registered, Stored};
use tfplugin::{
    Applied, Attr, AttributeType, Context, Create, Delete, Object, Plan, Provider, Read, Registry,
    Resource, Update, Value,
};

use crate::cloud::{block_on, filled, lines};

/// A table of routes.
#[derive(Debug, Clone, Object)]
struct Table {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// Routes in order.
    #[block(list)]
    route: Vec<Route>,
    /// Peers in no order.
    #[block(set)]
    peer: Attr<BTreeSet<Route>>,
    /// Gateways by name.
    #[block(map)]
    gateway: BTreeMap<String, Route>,
    /// Where everything else goes.
    #[block(single)]
    fallback: Attr<Route>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Object)]
struct Route {
    /// Where to.
    #[attribute(required, plan(requires_replace))]
    to: Attr<String>,
    /// Its cost.
    #[attribute(optional, computed, default = 10)]
    cost: Attr<i64>,
    /// Its id.
    #[attribute(computed, refine(not_null), plan(use_non_null_state))]
    id: Attr<String>,
}

struct Tables(fn(&mut Plan<'_, Table>));

impl Resource for Tables {
    type Model = Table;
    const TYPE: &'static str = "net_table";

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, Table>) {
        (self.0)(plan);
    }
    async fn create(&self, _: &Context, request: Create<Table>) -> Applied<Table> {
        Applied::ok(request.planned)
    }
    /// Without any peers the service sends none at all.
    async fn read(&self, _: &Context, request: Read<Table>) -> Applied<Table> {
        let peer = Attr::Null;
        Applied::ok(Table { peer, ..request.state })
    }
    async fn update(&self, _: &Context, request: Update<Table>) -> Applied<Table> {
        Applied::ok(request.planned)
    }
    async fn delete(&self, _: &Context, _: Delete<Table>) -> Applied<Table> {
        Applied::gone()
    }
}

/// No settings.
#[derive(Object)]
struct Settings;

struct Net(fn(&mut Plan<'_, Table>));

impl Provider for Net {
    type Config = Settings;
    const NAME: &'static str = "net";
    const ADDRESS: &'static str = "registry.terraform.io/example/net";

    fn register(&self, registry: &mut Registry) {
        registry.resource(Tables(self.0));
    }
}

fn plan(modify: fn(&mut Plan<'_, Table>), prior: &Value, config: &Value) -> Planned {
    block_on(Registered::new(Net(modify)).plan_resource_change(
        "net_table",
        Stored::new(prior.clone(), &[]),
        config.clone(),
        config.clone(),
        Capabilities::default(),
    ))
}

fn table(route: impl Fn(&str) -> Value) -> Value {
    filled::<Table, 5>([
        ("name", "main".into()),
        ("route", Value::List(vec![route("a"), route("b")])),
        ("peer", Value::set(["c", "d"].map(&route))),
        ("gateway", Value::Map([("x".to_owned(), route("e"))].into())),
        ("fallback", route("f")),
    ])
}

fn written(to: &str) -> Value {
    filled::<Route, 1>([("to", to.into())])
}

fn made(to: &str) -> Value {
    filled::<Route, 3>([("to", to.into()), ("cost", 10.into()), ("id", format!("to {to}").into())])
}

#[test]
fn the_schema_is_sound() {
    assert!(Registered::new(Net(|_| {})).resource_schema("net_table").is_some());
    assert_eq!(Settings.encode(), Value::object::<&str>([]));
    assert!(Settings::decode(Value::object::<&str>([])).is_ok());
}

#[test]
fn blocks_have_defaults_and_unknown_values() {
    let planned = plan(|_| {}, &Value::Null, &table(written));
    assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
    let new = |to: &str| {
        filled::<Route, 3>([("to", to.into()), ("cost", 10.into()), ("id", Value::UNKNOWN)])
    };
    assert_eq!(planned.planned, table(new));
    let Some(Value::Unknown(id)) = planned.planned.attribute("fallback").unwrap().attribute("id")
    else {
        panic!("the id is unknown")
    };
    assert!(id.refinement().is_some_and(tfplugin::Refinement::is_not_null));
}

#[test]
fn blocks_keep_their_state_and_may_replace() {
    let other = |to: &str| written(if to == "f" { "g" } else { to });
    let planned = plan(|_| {}, &table(made), &table(other));
    assert!(planned.diagnostics.is_empty(), "{:?}", lines(&planned.diagnostics));
    let expected = |to: &str| match to {
        "f" => filled::<Route, 3>([("to", "g".into()), ("cost", 10.into()), ("id", "to f".into())]),
        to => made(to),
    };
    assert_eq!(planned.planned, table(expected));
    let paths: Vec<String> = planned.requires_replace.iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["fallback.to"]);
}

#[test]
fn a_breach_in_a_block_is_found() {
    let lost = plan(|plan| plan.set("route", Vec::<Route>::new()), &Value::Null, &table(written));
    assert_eq!(
        lines(&lost.diagnostics),
        ["Error [route] Invalid plan: The planned value of `route` has other elements than are \
             configured."]
    );
    let changed = plan(
        |plan| {
            let mut routes = plan.proposed.as_ref().unwrap().route.clone();
            routes[1].to = "z".into();
            plan.set("route", routes);
        },
        &Value::Null,
        &table(written),
    );
    assert_eq!(
        lines(&changed.diagnostics),
        [
            "Error [route[1].to] Invalid plan: The planned value of `route[1].to` is neither what is \
             configured nor what is in state."
        ]
    );
}

#[test]
fn no_blocks_are_no_null() {
    let provider = Registered::new(Net(|_| {}));
    let state = table(made);
    let stored = Stored::new(state, &[]);
    let read = block_on(provider.read_resource("net_table", stored, Capabilities::default()));
    assert_eq!(read.state.attribute("peer"), Some(&Value::Set(Vec::new())));
}
