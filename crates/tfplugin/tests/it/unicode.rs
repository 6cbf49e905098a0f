//! An API that answers in another Unicode form than the configuration has: for the CLI both are the same string.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::erased::{Capabilities, Registered, Stored};
use tfplugin::value::msgpack;
use tfplugin::{
    Applied, Attr, Context, Create, Delete, Function, FunctionDefinition, FunctionError,
    Identified, Object, Parameter, Plan, Provider, Read, Registry, Resource, Type, Update, Value,
};

use crate::cloud::{block_on, lines};

const COMPOSED: &str = "caf\u{e9}";
const DECOMPOSED: &str = "cafe\u{301}";

/// A sign over a door.
#[derive(Debug, Clone, Object)]
struct Sign {
    /// What it says.
    #[attribute(required)]
    text: Attr<String>,
    /// In what style.
    #[attribute(optional, computed, default = "cafe\u{301}", validate(one_of(&["cafe\u{301}", "bar"])))]
    style: Attr<String>,
    /// What is on it.
    #[attribute(optional)]
    dishes: Attr<BTreeMap<String, String>>,
    /// Words that are lit.
    #[attribute(optional)]
    lit: Attr<BTreeSet<String>>,
    /// Anything.
    #[attribute(optional)]
    extra: Attr<Value>,
    /// Its id.
    #[attribute(computed)]
    id: Attr<String>,
}

/// What tells a sign from the others.
#[derive(Debug, Clone, Object)]
struct Which {
    /// What it says.
    #[attribute(required)]
    text: Attr<String>,
}

/// Signs of a service that keeps its texts decomposed.
struct Signs;

fn theirs(sign: Sign) -> Sign {
    let they = |text: String| text.replace('\u{e9}', "e\u{301}");
    let all =
        |map: BTreeMap<String, String>| map.into_iter().map(|(k, v)| (they(k), they(v))).collect();
    Sign {
        text: sign.text.map(they),
        style: sign.style.map(they),
        dishes: sign.dishes.map(all),
        lit: sign.lit.map(|lit| lit.into_iter().map(they).collect()),
        extra: match sign.extra {
            Attr::Known(value) if value.is_known() => {
                Attr::Known(Value::dynamic(Value::object([(DECOMPOSED, Value::from(DECOMPOSED))])))
            }
            other => other,
        },
        id: DECOMPOSED.into(),
    }
}

impl Resource for Signs {
    type Model = Sign;
    const TYPE: &'static str = "street_sign";

    async fn modify_plan(&self, _: &Context, plan: &mut Plan<'_, Sign>) {
        plan.set("id", Attr::<String>::from(DECOMPOSED));
    }
    async fn create(&self, _: &Context, request: Create<Sign>) -> Applied<Sign> {
        Applied::ok(theirs(request.planned))
    }
    async fn read(&self, _: &Context, request: Read<Sign>) -> Applied<Sign> {
        Applied::ok(theirs(request.state))
    }
    async fn update(&self, _: &Context, request: Update<Sign>) -> Applied<Sign> {
        Applied::ok(theirs(request.planned))
    }
    async fn delete(&self, _: &Context, _: Delete<Sign>) -> Applied<Sign> {
        Applied::gone()
    }
    async fn import(&self, _: &Context, id: &str) -> Applied<Sign> {
        assert_eq!(id, COMPOSED);
        Applied::ok(theirs(Sign {
            text: id.into(),
            style: id.into(),
            dishes: Attr::Null,
            lit: Attr::Null,
            extra: Attr::Null,
            id: Attr::Null,
        }))
    }
}

impl Identified for Signs {
    type Identity = Which;

    fn identity(&self, sign: &Sign) -> Option<Which> {
        sign.text.is_known().then(|| Which {
            text: sign.text.clone().map(|text| text.replace('\u{e9}', "e\u{301}")),
        })
    }

    async fn import_by_identity(&self, _: &Context, _: Which) -> Applied<Sign> {
        Applied::gone()
    }
}

struct Echo;

impl Function for Echo {
    const NAME: &'static str = "decompose";

    fn definition(&self) -> FunctionDefinition {
        FunctionDefinition::new("Decomposes.", "Decomposes a text.", Type::String)
            .parameter(Parameter::new("text", Type::String, "The text."))
    }

    fn call(&self, _: Vec<Value>) -> Result<Value, FunctionError> {
        Ok(Value::from(DECOMPOSED))
    }
}

/// Nothing to set.
#[derive(Debug, Clone, Object)]
struct Settings {}

struct Street;

impl Provider for Street {
    type Config = Settings;
    const NAME: &'static str = "street";
    const ADDRESS: &'static str = "registry.terraform.io/example/street";

    fn register(&self, registry: &mut Registry) {
        registry.identified_resource(Signs);
        registry.function(Echo);
    }
}

/// The text in every place that an object has; `id` as given.
fn sign(text: &str, id: Value) -> Value {
    Value::object([
        ("text", text.into()),
        ("style", text.into()),
        ("dishes", Value::Map([(text.to_owned(), text.into())].into())),
        ("lit", Value::set([text.into(), "a".into()])),
        ("extra", Value::dynamic(Value::object([(text, Value::from(text))]))),
        ("id", id),
    ])
}

#[test]
fn the_other_form_is_the_same_string() {
    let street = Registered::new(Street);
    assert_eq!(street.problems(), []);
    let (ty, all) = (&street.resource_schema("street_sign").unwrap().1, Capabilities::default());
    let config = sign(COMPOSED, Value::Null);
    assert!(street.validate_resource("street_sign", config.clone(), all).is_empty());

    let proposed = sign(COMPOSED, Value::UNKNOWN);
    let planned = block_on(street.plan_resource_change(
        "street_sign",
        Stored::nothing(),
        proposed,
        config.clone(),
        all,
    ));
    assert_eq!(lines(&planned.diagnostics), [""; 0]);
    let whole = sign(COMPOSED, COMPOSED.into());
    assert_eq!(planned.planned, whole);

    for prior in [Value::Null, whole.clone()] {
        let planned = Stored::new(whole.clone(), &[]);
        let saved =
            block_on(street.apply_resource_change("street_sign", prior, planned, config.clone()));
        assert_eq!(lines(&saved.diagnostics), [""; 0]);
        assert_eq!(saved.state, whole);
        assert_eq!(saved.identity, Value::object([("text", COMPOSED.into())]));
    }
    let read = block_on(street.read_resource("street_sign", Stored::new(whole.clone(), &[]), all));
    assert_eq!(lines(&read.diagnostics), [""; 0]);
    assert_eq!(read.state, whole);

    let planned = block_on(street.plan_resource_change(
        "street_sign",
        Stored::new(read.state, &[]),
        whole.clone(),
        config,
        all,
    ));
    assert_eq!(planned.planned, whole, "and there is nothing to change");

    // What the wire and a state file bring is composed as the CLI would have it.
    let wire = msgpack::encode(&sign(DECOMPOSED, DECOMPOSED.into()), ty).unwrap();
    assert_eq!(msgpack::decode(&wire, ty).unwrap(), whole);
}

#[test]
fn a_default_an_import_and_a_function_bring_it_too() {
    let street = Registered::new(Street);
    let all = Capabilities::default();
    let bare = |style: Value| {
        let none = ["dishes", "lit", "extra"].map(|name| (name, Value::Null));
        let some = [("text", COMPOSED.into()), ("style", style), ("id", Value::Null)];
        Value::object(none.into_iter().chain(some))
    };
    let planned = block_on(street.plan_resource_change(
        "street_sign",
        Stored::nothing(),
        bare(Value::Null),
        bare(Value::Null),
        all,
    ));
    assert_eq!(planned.planned.attribute("style"), Some(&COMPOSED.into()));
    let imported = block_on(street.import_resource_state("street_sign", DECOMPOSED, all));
    assert_eq!(lines(&imported.diagnostics), [""; 0]);
    assert_eq!(imported.state.attribute("text"), Some(&COMPOSED.into()));
    assert_eq!(street.call_function("decompose", vec!["x".into()]), Ok(COMPOSED.into()));
}
