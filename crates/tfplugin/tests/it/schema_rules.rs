//! Each rule that a schema has to keep, broken by a schema that breaks no other.

use std::collections::BTreeMap;

use tfplugin::erased::Registered;
use tfplugin::plan::modifier;
use tfplugin::schema::{
    Attribute, AttributeKind, Block, NestedBlock, NestedObject, Nesting, Offered, Schema, check,
};
use tfplugin::{
    Applied, Context, Create, Delete, Function, FunctionDefinition, FunctionError, Parameter,
    Provider, Read, Registry, Resource, Type, Update, Value,
};

/// An attribute that keeps every rule: an optional text.
fn text() -> Attribute {
    let kind = AttributeKind::Type(Type::String);
    Attribute { optional: true, ..Attribute::new(kind, "Some text.") }
}

fn computed() -> Attribute {
    Attribute { optional: false, computed: true, ..text() }
}

fn number() -> Attribute {
    Attribute { kind: AttributeKind::Type(Type::Number), ..text() }
}

fn nested(nesting: Nesting, attributes: &[(&str, Attribute)]) -> Attribute {
    let object = NestedObject { description: "An object.".to_owned(), attributes: map(attributes) };
    Attribute { kind: AttributeKind::Nested { nesting, object }, ..text() }
}

fn map(attributes: &[(&str, Attribute)]) -> BTreeMap<String, Attribute> {
    attributes.iter().map(|(name, attribute)| ((*name).to_owned(), attribute.clone())).collect()
}

fn schema(attributes: &[(&str, Attribute)]) -> Schema {
    let block =
        Block { description: "All.".to_owned(), attributes: map(attributes), ..Block::default() };
    Schema { version: 0, block }
}

fn problems(offered: Offered, schema: &Schema) -> Vec<String> {
    check(offered, schema).iter().map(ToString::to_string).collect()
}

/// One attribute of a resource breaks one rule.
fn breaks(name: &str, attribute: Attribute, problem: &str) {
    let found = problems(Offered::Resource, &schema(&[(name, attribute)]));
    assert_eq!(found, [problem]);
}

#[test]
fn what_keeps_every_rule_has_no_problem() {
    let timeouts = nested(Nesting::Single, &[("create", text()), ("delete", text())]);
    let disks = nested(Nesting::Set, &[("id", number()), ("password", number())]);
    let all = schema(&[
        ("id", computed()),
        ("password", Attribute { sensitive: true, ..text() }),
        ("passphrase", Attribute { write_only: true, ..text() }),
        ("timeouts", timeouts),
        ("disks", disks),
        ("kept", Attribute { modifiers: vec![modifier::use_state_for_unknown()], ..computed() }),
        ("old", Attribute { deprecated: Some("Use `kept`.".to_owned()), ..text() }),
        ("asks", Attribute { description: "`a` (is it **there?**)".to_owned(), ..text() }),
    ]);
    assert_eq!(problems(Offered::Resource, &all), [""; 0]);
}

#[test]
fn texts_are_sentences() {
    let described =
        |text: &str, attribute: Attribute| Attribute { description: text.to_owned(), ..attribute };
    breaks("a", described(" ", text()), "a: it has no description");
    breaks("a", described("some text.", text()), "a: a description begins with a capital letter");
    breaks("a", described("Some text", text()), "a: a description ends with a full stop");
    breaks(
        "a",
        Attribute { deprecated: Some(" ".to_owned()), ..text() },
        "a: what is deprecated says what to use instead",
    );
}

#[test]
fn flags_go_together() {
    let modified = |modifier, attribute| Attribute { modifiers: vec![modifier], ..attribute };
    let keeps = "a: only a computed attribute can keep what is in state";
    breaks("a", modified(modifier::use_state_for_unknown(), text()), keeps);
    breaks("a", modified(modifier::use_non_null_state(), text()), keeps);
    for keeps in [modifier::use_state_for_unknown(), modifier::use_non_null_state()] {
        let kept = modified(keeps, computed());
        let misplaced = "an element of a list is known by its place: once the first is removed, each would keep what was \
                         its neighbour's (a set or a map has no such places, and `modify_plan` can find the element by \
                         its name)";
        breaks("a", nested(Nesting::List, &[("b", kept.clone())]), &format!("a.b: {misplaced}"));
        let deep = nested(Nesting::List, &[("b", nested(Nesting::Map, &[("c", kept.clone())]))]);
        breaks("a", deep, &format!("a.b.c: {misplaced}"));
        for nesting in [Nesting::Single, Nesting::Map, Nesting::Set] {
            let found = schema(&[("a", nested(nesting, &[("b", kept.clone())]))]);
            assert_eq!(problems(Offered::Resource, &found), [""; 0]);
        }
        let mut blocks = schema(&[]);
        let inside = Block {
            description: "One.".to_owned(),
            attributes: map(&[("b", kept)]),
            ..Block::default()
        };
        let block = NestedBlock { block: inside, nesting: Nesting::List, min: 0, max: 0 };
        blocks.block.blocks.insert("a".to_owned(), block);
        assert_eq!(problems(Offered::Resource, &blocks), [format!("a.b: {misplaced}")]);
        blocks.block.blocks.values_mut().for_each(|block| block.max = 1);
        assert_eq!(problems(Offered::Resource, &blocks), [""; 0], "one alone has no neighbour");
    }
    let write_only = Attribute { write_only: true, ..text() };
    let unseen = "a: no state has a write-only value, so its change cannot replace the object";
    breaks("a", modified(modifier::requires_replace(), write_only.clone()), unseen);
    breaks("a", modified(modifier::requires_replace_if(|_, _| true), write_only.clone()), unseen);
    breaks("a", modified(modifier::requires_replace_if_configured(), write_only.clone()), unseen);
    for name in ["password", "passphrase", "private_key", "secret_key"] {
        breaks(name, text(), &format!("{name}: a secret is sensitive or write-only"));
    }
    breaks(
        "a",
        Attribute { write_only: true, ..nested(Nesting::Single, &[("b", text())]) },
        "a.b: what is in a write-only attribute is write-only, too",
    );
    breaks(
        "a",
        Attribute { optional: false, computed: true, ..nested(Nesting::List, &[("b", text())]) },
        "a.b: nobody configures what is in a computed attribute: it is computed, too",
    );
    breaks(
        "a",
        nested(Nesting::Set, &[("b", write_only)]),
        "a.b: a write-only attribute cannot be inside a set",
    );
    breaks("a", nested(Nesting::Map, &[]), "a: a nested object without attributes");
}

#[test]
fn well_known_names_have_their_shapes() {
    breaks("id", number(), "id: `id` is a string: that is what an import takes");
    let rule = "timeouts: `timeouts` is one object of optional texts, named as operations are";
    breaks("timeouts", text(), rule);
    breaks("timeouts", nested(Nesting::List, &[("create", text())]), rule);
    breaks("timeouts", nested(Nesting::Single, &[("create", number())]), rule);
    breaks("timeouts", nested(Nesting::Single, &[("creation", text())]), rule);
}

#[test]
fn nesting_has_an_end() {
    let mut attribute = nested(Nesting::Single, &[("a", text())]);
    for _ in 0..5 {
        attribute = nested(Nesting::Single, &[("a", attribute)]);
    }
    assert_eq!(problems(Offered::Resource, &schema(&[("a", attribute.clone())])), [""; 0]);
    let deeper = nested(Nesting::Single, &[("a", attribute)]);
    breaks("a", deeper, "a.a.a.a.a.a.a: it is nested too deeply to be found");
}

#[test]
fn each_kind_keeps_names_for_the_cli() {
    for (offered, name, reserved) in [
        (Offered::Resource, "provisioner", true),
        (Offered::DataSource, "for_each", true),
        (Offered::EphemeralResource, "lifecycle", true),
        (Offered::Provider, "alias", true),
        (Offered::Provider, "version", true),
        (Offered::Provider, "provisioner", false),
        (Offered::Resource, "version", false),
        (Offered::Action, "count", false),
        (Offered::ListResource, "provider", false),
    ] {
        let expected = if reserved {
            vec![format!("{name}: the CLI keeps this name for itself")]
        } else {
            Vec::new()
        };
        assert_eq!(problems(offered, &schema(&[(name, text())])), expected, "{offered:?}");
    }
}

#[test]
fn what_only_resources_have_is_refused_elsewhere() {
    let write_only = Attribute { write_only: true, ..text() };
    let modified = Attribute { modifiers: vec![modifier::requires_replace()], ..text() };
    for (offered, attribute, rule) in [
        (
            Offered::Provider,
            &write_only,
            "only resources and actions can have write-only attributes",
        ),
        (
            Offered::DataSource,
            &write_only,
            "only resources and actions can have write-only attributes",
        ),
        (
            Offered::DataSource,
            &modified,
            "only resources are planned, so there is nothing to modify",
        ),
        (Offered::Provider, &modified, "only resources are planned, so there is nothing to modify"),
    ] {
        let found = problems(offered, &schema(&[("a", attribute.clone())]));
        assert_eq!(found, [format!("a: {rule}")], "{offered:?}");
    }
    assert_eq!(problems(Offered::Action, &schema(&[("a", write_only)])), [""; 0]);
    let default = Attribute { computed: true, default: Some("x".into()), ..text() };
    assert_eq!(
        problems(Offered::EphemeralResource, &schema(&[("a", default)])),
        ["a: only resources are planned, so there is no default"]
    );
}

#[test]
fn blocks_have_rules_too() {
    let block = |description: &str, min, max| NestedBlock {
        nesting: Nesting::List,
        block: Block { description: description.to_owned(), ..Block::default() },
        min,
        max,
    };
    let mut whole = schema(&[("a", text())]);
    whole.version = -1;
    whole.block.deprecated = Some(String::new());
    whole.block.blocks = [
        ("a", block("A block.", 0, 0)),
        ("B", block("A block.", 0, 0)),
        ("c", block("", 0, 0)),
        ("d", block("A block.", 2, 1)),
    ]
    .map(|(name, block)| (name.to_owned(), block))
    .into();
    assert_eq!(
        problems(Offered::Provider, &whole),
        [
            ": versions of a schema are counted from 0",
            ": what is deprecated says what to use instead",
            "B: a name is a-z, 0-9 and _, and does not start with a digit",
            "a: an attribute has the same name",
            "c: it has no description",
            "d: the least number of blocks is more than the most",
        ]
    );
}

/// A text.
#[derive(Clone, tfplugin::Object)]
struct Model {
    /// Some text.
    #[attribute(required)]
    text: tfplugin::Attr<String>,
}

/// Its type's name does not begin with the provider's.
struct Stray;

impl Resource for Stray {
    type Model = Model;
    const TYPE: &'static str = "elsewhere_thing";

    async fn create(&self, _: &Context, request: Create<Model>) -> Applied<Model> {
        Applied::ok(request.planned)
    }
    async fn read(&self, _: &Context, request: Read<Model>) -> Applied<Model> {
        Applied::ok(request.state)
    }
    async fn update(&self, _: &Context, request: Update<Model>) -> Applied<Model> {
        Applied::ok(request.planned)
    }
    async fn delete(&self, _: &Context, _: Delete<Model>) -> Applied<Model> {
        Applied::gone()
    }
}

/// A function that breaks what functions have to keep.
struct Odd;

impl Function for Odd {
    const NAME: &'static str = "odd";

    fn definition(&self) -> FunctionDefinition {
        let list = Type::list(Type::Dynamic);
        let mut odd = FunctionDefinition::new("In\ntwo lines.", "Does it", list.clone())
            .parameter(Parameter::new("a", list, "first."));
        odd.variadic = Some(Parameter::new("b", Type::Dynamic, "The rest."));
        odd.deprecated = Some(String::new());
        odd
    }

    fn call(&self, _: Vec<Value>) -> Result<Value, FunctionError> {
        Ok(Value::Null)
    }
}

struct Strange;

impl Provider for Strange {
    type Config = Model;
    const NAME: &'static str = "strange";
    const ADDRESS: &'static str = "registry.terraform.io/example/strange";

    fn register(&self, registry: &mut Registry) {
        registry.resource(Stray).function(Odd);
    }
}

#[test]
fn type_names_and_functions_are_checked() {
    let found: Vec<_> =
        Registered::new(Strange).problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "elsewhere_thing: the name of a type begins with `strange_`",
            "odd: a description ends with a full stop",
            "odd: a summary is one line",
            "odd: what is deprecated says what to use instead",
            "odd: a collection cannot hold values of any type",
            "odd.a: a description begins with a capital letter",
            "odd.a: a collection cannot hold values of any type",
            "odd.b: all variadic arguments are of one type, so it is not any type",
        ]
    );
}
