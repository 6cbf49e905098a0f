//! The schema as documentation tools read it, and the rules a schema has to keep.

use tfplugin::erased::Registered;
use tfplugin::schema::{Attribute, AttributeKind, Block, Offered, Schema, check, json};
use tfplugin::{
    Context, Diagnostics, Function, FunctionDefinition, FunctionError, Parameter, Provider,
    Registry, Type, Value, validator,
};

use crate::cloud::{Cloud, Config};

#[test]
fn everything_the_provider_offers() {
    let provider = Registered::new(Cloud::default());
    insta::assert_json_snapshot!(json::provider_schemas(&provider));
}

#[test]
fn the_providers_schemas_keep_the_rules_but_for_one() {
    let problems = Registered::new(Cloud::default()).problems();
    let paths: Vec<String> = problems.iter().map(|problem| problem.path.to_string()).collect();
    // It keeps what is in state in a list, so that tests show what becomes of that.
    assert_eq!(paths, ["cloud_server.disks.id"], "{problems:?}");
}

#[test]
fn functions_have_rules_too() {
    struct Bare;
    impl Function for Bare {
        const NAME: &'static str = "bare";

        fn definition(&self) -> FunctionDefinition {
            FunctionDefinition::new("", "", Type::Bool)
                .parameter(Parameter::new("Same", Type::Bool, "One."))
                .parameter(Parameter::new("Same", Type::Bool, ""))
        }

        fn call(&self, _: Vec<Value>) -> Result<Value, FunctionError> {
            Ok(Value::Null)
        }
    }
    struct OnlyBare;
    impl Provider for OnlyBare {
        type Config = Config;
        const NAME: &'static str = "bare";
        const ADDRESS: &'static str = "registry.terraform.io/example/bare";

        async fn configure(&self, _: &Context, _: Config) -> Diagnostics {
            Diagnostics::new()
        }

        fn register(&self, registry: &mut Registry) {
            registry.function(Bare);
        }
    }
    let problems: Vec<String> =
        Registered::new(OnlyBare).problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "bare: it needs a summary and a description",
            "bare.Same: a name is a-z, 0-9 and _, and does not start with a digit",
            "bare.Same: a name is a-z, 0-9 and _, and does not start with a digit",
            "bare.Same: it has no description",
            "bare.Same: another parameter has the same name",
        ]
    );
}

#[test]
fn broken_rules_are_named() {
    let string = || Attribute::new(AttributeKind::Type(Type::String), "Text.");
    let attributes = [
        ("count", Attribute { optional: true, ..string() }),
        ("Upper", Attribute { optional: true, ..string() }),
        ("nobody", string()),
        ("both", Attribute { required: true, computed: true, ..string() }),
        ("silent", Attribute { optional: true, description: String::new(), ..string() }),
        ("default_only", Attribute { optional: true, default: Some("x".into()), ..string() }),
        (
            "default_type",
            Attribute {
                optional: true,
                computed: true,
                default: Some(Value::Bool(true)),
                ..string()
            },
        ),
        ("kept_secret", Attribute { computed: true, write_only: true, ..string() }),
        (
            "checked",
            Attribute { computed: true, validators: vec![validator::length(1..)], ..string() },
        ),
        (
            "pattern",
            Attribute { optional: true, validators: vec![validator::regex("(", "x")], ..string() },
        ),
        (
            "open",
            Attribute {
                optional: true,
                kind: AttributeKind::Type(Type::list(Type::Dynamic)),
                ..string()
            },
        ),
    ];
    let block = Block {
        description: "Everything wrong.".to_owned(),
        attributes: attributes.map(|(name, attribute)| (name.to_owned(), attribute)).into(),
        ..Block::default()
    };
    let problems: Vec<String> = check(Offered::Resource, &Schema { version: 0, block })
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(problems.join("\n"));
}
