//! The modifiers of planned values, case by case: at the root, in a nested object, and in an element of each
//! kind of collection. What is expected is what terraform-plugin-framework 1.19 does with its modifiers of
//! the same names; where it is something else, the case says why.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::erased::{Capabilities, Planned, Registered, Stored};
use tfplugin::{
    Applied, Attr, Context, Create, Delete, Object, Provider, Read, Registry, Resource, Update,
    Value,
};

use crate::cloud::{block_on, filled, lines};

/// Parts in every place that a schema has.
#[derive(Clone, Object)]
struct Parts {
    /// Changes, so that there is something to plan.
    #[attribute(optional)]
    note: Attr<String>,
    /// Stays.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    stays: Attr<String>,
    /// Stays once it is set.
    #[attribute(optional, computed, plan(use_non_null_state))]
    set_stays: Attr<String>,
    /// Replaces.
    #[attribute(optional, plan(requires_replace))]
    replaces: Attr<String>,
    /// Replaces where it grows.
    #[attribute(optional, plan(requires_replace_if(grows)))]
    may_replace: Attr<String>,
    /// Replaces where it is configured.
    #[attribute(optional, computed, plan(requires_replace_if_configured))]
    own_replaces: Attr<String>,
    /// Is the same in capitals.
    #[attribute(optional, plan(keep_prior_when_equal(same_but_for_case)))]
    spelled: Attr<String>,
    /// One part.
    #[attribute(optional)]
    single: Attr<Part>,
    /// Parts in order.
    #[attribute(optional)]
    list: Attr<Vec<Part>>,
    /// Parts by name.
    #[attribute(optional)]
    map: Attr<BTreeMap<String, Part>>,
    /// Parts without order.
    #[attribute(optional)]
    set: Attr<BTreeSet<Part>>,
}

/// A part.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object)]
struct Part {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// Stays.
    #[attribute(optional, computed, plan(use_state_for_unknown))]
    stays: Attr<String>,
    /// Stays once it is set.
    #[attribute(optional, computed, plan(use_non_null_state))]
    set_stays: Attr<String>,
    /// Replaces.
    #[attribute(optional, plan(requires_replace))]
    replaces: Attr<String>,
    /// Replaces where it grows.
    #[attribute(optional, plan(requires_replace_if(grows)))]
    may_replace: Attr<String>,
    /// Replaces where it is configured.
    #[attribute(optional, computed, plan(requires_replace_if_configured))]
    own_replaces: Attr<String>,
    /// Is the same in capitals.
    #[attribute(optional, plan(keep_prior_when_equal(same_but_for_case)))]
    spelled: Attr<String>,
}

/// Is asked only where something changes. What is not known yet may grow.
fn grows(prior: &Value, planned: &Value) -> bool {
    assert_ne!(prior, planned);
    let length = |value: &Value| value.as_str().map_or(0, str::len);
    planned.is_unknown() || length(planned) > length(prior)
}

fn same_but_for_case(prior: &Value, planned: &Value) -> bool {
    match (prior.as_str(), planned.as_str()) {
        (Some(prior), Some(planned)) => prior.eq_ignore_ascii_case(planned),
        _ => false,
    }
}

struct AllParts;

impl Resource for AllParts {
    type Model = Parts;
    const TYPE: &'static str = "box_parts";

    async fn create(&self, _: &Context, request: Create<Parts>) -> Applied<Parts> {
        Applied::ok(request.planned)
    }
    async fn read(&self, _: &Context, request: Read<Parts>) -> Applied<Parts> {
        Applied::ok(request.state)
    }
    async fn update(&self, _: &Context, request: Update<Parts>) -> Applied<Parts> {
        Applied::ok(request.planned)
    }
    async fn delete(&self, _: &Context, _: Delete<Parts>) -> Applied<Parts> {
        Applied::gone()
    }
}

/// No settings.
#[derive(Object)]
struct Settings {}

struct Boxes;

impl Provider for Boxes {
    type Config = Settings;
    const NAME: &'static str = "box";
    const ADDRESS: &'static str = "registry.terraform.io/example/box";

    fn register(&self, registry: &mut Registry) {
        registry.resource(AllParts);
    }
}

/// Where an attribute is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Root,
    Single,
    List,
    Map,
    Set,
}

/// What is in state.
#[derive(Debug, Clone)]
enum Prior {
    /// Nothing: a create.
    Nothing,
    /// The object, but not the nested one that has the attribute.
    NoElement,
    /// The attribute has this value.
    Is(Value),
}

use Prior::{Is, NoElement, Nothing};

/// One line of a table: what is in state, what is configured, what is planned, and whether that replaces.
type Case = (&'static str, Prior, Value, Value, bool);

const UNKNOWN: Value = Value::UNKNOWN;
const NULL: Value = Value::Null;

fn text(text: &str) -> Value {
    text.into()
}

fn is(value: &str) -> Prior {
    Is(value.into())
}

/// The whole object, in which `attribute` has `value` at `place`; no value: there is no such place.
fn whole(place: Place, note: &str, attribute: &str, value: Option<Value>) -> Value {
    let note = ("note", text(note));
    let Some(value) = value else { return filled::<Parts, 1>([note]) };
    if place == Place::Root {
        return filled::<Parts, 2>([note, (attribute, value)]);
    }
    let part = filled::<Part, 2>([("name", text("a")), (attribute, value)]);
    let (name, value) = match place {
        Place::Root | Place::Single => ("single", part),
        Place::List => ("list", Value::List(vec![part])),
        Place::Map => ("map", Value::Map([("key".to_owned(), part)].into())),
        Place::Set => ("set", Value::set([part])),
    };
    filled::<Parts, 2>([note, (name, value)])
}

/// The value at `place` in the whole object.
fn at(place: Place, whole: &Value, attribute: &str) -> Value {
    let collection = |name| whole.attribute(name).unwrap();
    let part = match place {
        Place::Root => whole,
        Place::Single => collection("single"),
        Place::List => match collection("list") {
            Value::List(parts) => &parts[0],
            other => panic!("{other:?}"),
        },
        Place::Map => match collection("map") {
            Value::Map(parts) => &parts["key"],
            other => panic!("{other:?}"),
        },
        Place::Set => match collection("set") {
            Value::Set(parts) => &parts[0],
            other => panic!("{other:?}"),
        },
    };
    part.attribute(attribute).cloned().unwrap()
}

/// The plan of one case. The CLI proposes for a computed attribute that is not configured what is in state.
fn plan(provider: &Registered, place: Place, attribute: &str, case: &Case) -> Planned {
    let (_, prior, config, _, _) = case;
    let computed = ["stays", "set_stays", "own_replaces"].contains(&attribute);
    let proposed = match prior {
        Is(prior) if computed && config.is_null() => prior.clone(),
        _ => config.clone(),
    };
    let prior = match prior {
        Nothing => Value::Null,
        NoElement => whole(place, "old", attribute, None),
        Is(prior) => whole(place, "old", attribute, Some(prior.clone())),
    };
    block_on(provider.plan_resource_change(
        AllParts::TYPE,
        Stored::new(prior, &[]),
        whole(place, "new", attribute, Some(proposed)),
        whole(place, "new", attribute, Some(config.clone())),
        Capabilities::default(),
    ))
}

/// Plans each case at each place.
fn check(attribute: &str, cases: impl IntoIterator<Item = Case>) {
    let provider = Registered::new(Boxes);
    let cases: Vec<Case> = cases.into_iter().collect();
    for (place, path) in [
        (Place::Root, attribute.to_owned()),
        (Place::Single, format!("single.{attribute}")),
        (Place::List, format!("list[0].{attribute}")),
        (Place::Map, format!("map[\"key\"].{attribute}")),
        // The protocol has no path into a set.
        (Place::Set, "set".to_owned()),
    ] {
        for case in &cases {
            let (name, prior, _, expected, replaces) = case;
            if place == Place::Root && matches!(prior, NoElement) {
                continue;
            }
            let planned = plan(&provider, place, attribute, case);
            let what = format!("{name}, {place:?}");
            assert_eq!(lines(&planned.diagnostics), [] as [&str; 0], "{what}");
            assert_eq!(at(place, &planned.planned, attribute), *expected, "{what}");
            let paths: Vec<String> =
                planned.requires_replace.iter().map(ToString::to_string).collect();
            let wanted: &[&str] = if *replaces { &[&path] } else { &[] };
            assert_eq!(paths, wanted, "{what}");
        }
    }
}

#[test]
fn use_state_for_unknown() {
    check(
        "stays",
        [
            ("create", Nothing, NULL, UNKNOWN, false),
            ("create, configured", Nothing, text("x"), text("x"), false),
            ("something else changes", is("x"), NULL, text("x"), false),
            ("null is a value to keep", Is(NULL), NULL, NULL, false),
            ("configured as it was", is("x"), text("x"), text("x"), false),
            ("changed", is("x"), text("y"), text("y"), false),
            ("null to value", Is(NULL), text("y"), text("y"), false),
            ("known to unknown", is("x"), UNKNOWN, UNKNOWN, false),
            ("null to unknown", Is(NULL), UNKNOWN, UNKNOWN, false),
            // The framework takes null from an element that is not in state, so that the provider cannot
            // give it a value ever after. There is nothing to keep, so nothing is kept.
            ("new element", NoElement, NULL, UNKNOWN, false),
            ("new element, configured", NoElement, text("x"), text("x"), false),
            ("new element, unknown", NoElement, UNKNOWN, UNKNOWN, false),
        ],
    );
}

#[test]
fn use_non_null_state() {
    check(
        "set_stays",
        [
            ("create", Nothing, NULL, UNKNOWN, false),
            ("create, configured", Nothing, text("x"), text("x"), false),
            ("something else changes", is("x"), NULL, text("x"), false),
            ("null is not kept", Is(NULL), NULL, UNKNOWN, false),
            ("configured as it was", is("x"), text("x"), text("x"), false),
            ("changed", is("x"), text("y"), text("y"), false),
            ("null to value", Is(NULL), text("y"), text("y"), false),
            ("known to unknown", is("x"), UNKNOWN, UNKNOWN, false),
            ("new element", NoElement, NULL, UNKNOWN, false),
            ("new element, configured", NoElement, text("x"), text("x"), false),
        ],
    );
}

/// An element of a set whose configuration changed is another element, which the framework does not know: it
/// compares the elements of two sets by their place in each. Both replace the object.
#[test]
fn requires_replace() {
    check(
        "replaces",
        [
            ("create", Nothing, text("x"), text("x"), false),
            ("create, unknown", Nothing, UNKNOWN, UNKNOWN, false),
            ("unchanged", is("x"), text("x"), text("x"), false),
            ("null as it was", Is(NULL), NULL, NULL, false),
            ("changed", is("x"), text("y"), text("y"), true),
            ("null to value", Is(NULL), text("y"), text("y"), true),
            ("known to unknown", is("x"), UNKNOWN, UNKNOWN, true),
            ("null to unknown", Is(NULL), UNKNOWN, UNKNOWN, true),
            ("new element, null", NoElement, NULL, NULL, false),
            ("new element", NoElement, text("x"), text("x"), true),
        ],
    );
}

#[test]
fn requires_replace_if() {
    check(
        "may_replace",
        [
            ("create", Nothing, text("x"), text("x"), false),
            ("unchanged", is("x"), text("x"), text("x"), false),
            ("null as it was", Is(NULL), NULL, NULL, false),
            ("changed to more", is("x"), text("xy"), text("xy"), true),
            ("null to value", Is(NULL), text("y"), text("y"), true),
            ("value to null", is("x"), NULL, NULL, false),
            ("known to unknown", is("x"), UNKNOWN, UNKNOWN, true),
            ("new element, null", NoElement, NULL, NULL, false),
            ("new element", NoElement, text("x"), text("x"), true),
        ],
    );
}

#[test]
fn requires_replace_if_configured() {
    check(
        "own_replaces",
        [
            ("create", Nothing, text("x"), text("x"), false),
            ("create, computed", Nothing, NULL, UNKNOWN, false),
            ("unchanged", is("x"), text("x"), text("x"), false),
            ("changed", is("x"), text("y"), text("y"), true),
            ("null to value", Is(NULL), text("y"), text("y"), true),
            ("value to null", is("x"), NULL, UNKNOWN, false),
            ("known to unknown", is("x"), UNKNOWN, UNKNOWN, true),
            ("new element, computed", NoElement, NULL, UNKNOWN, false),
            ("new element", NoElement, text("x"), text("x"), true),
        ],
    );
}

/// The framework compares what means the same only after a read or an apply, with a type of the attribute's
/// own: its plan shows an update for another spelling. Here it is no change.
#[test]
fn keep_prior_when_equal() {
    check(
        "spelled",
        [
            ("create", Nothing, text("A"), text("A"), false),
            ("create, unknown", Nothing, UNKNOWN, UNKNOWN, false),
            ("unchanged", is("a"), text("a"), text("a"), false),
            ("another spelling", is("a"), text("A"), text("a"), false),
            ("changed", is("a"), text("b"), text("b"), false),
            ("null to value", Is(NULL), text("A"), text("A"), false),
            ("value to null", is("a"), NULL, NULL, false),
            ("known to unknown", is("a"), UNKNOWN, UNKNOWN, false),
            ("new element", NoElement, text("A"), text("A"), false),
        ],
    );
}

/// Elements of a set that differ in nothing but the spelled attribute: each keeps its own state, and what is
/// new takes nobody's.
#[test]
fn spelled_elements_of_a_set_are_not_mixed_up() {
    let part = |spelled: &str, stays: Value| {
        filled::<Part, 3>([("name", text("a")), ("spelled", text(spelled)), ("stays", stays)])
    };
    let with = |parts: [Value; 2]| filled::<Parts, 1>([("set", Value::set(parts))]);
    let prior = with([part("a", text("id-a")), part("b", text("id-b"))]);
    let config = with([part("B", NULL), part("C", NULL)]);
    let planned = block_on(Registered::new(Boxes).plan_resource_change(
        AllParts::TYPE,
        Stored::new(prior, &[]),
        config.clone(),
        config,
        Capabilities::default(),
    ));
    assert_eq!(lines(&planned.diagnostics), [] as [&str; 0]);
    let Some(Value::Set(parts)) = planned.planned.attribute("set") else { panic!("no set") };
    let mut found: Vec<_> = parts
        .iter()
        .map(|part| (part.attribute("spelled").unwrap(), part.attribute("stays").unwrap()))
        .collect();
    found.sort();
    assert_eq!(found, [(&text("C"), &UNKNOWN), (&text("b"), &text("id-b"))]);
}
