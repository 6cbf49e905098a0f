//! The schema as documentation tools read it, and the rules a schema has to keep.

use tfplugin::erased::Registered;
use tfplugin::schema::{Attribute, AttributeKind, Block, Schema, check, json};
use tfplugin::{Type, Value, validator};

use crate::cloud::Cloud;

#[test]
fn everything_the_provider_offers() {
    let provider = Registered::new(Cloud::default());
    insta::assert_json_snapshot!(json::provider_schemas(&provider));
}

#[test]
fn the_providers_schemas_keep_the_rules() {
    let problems = Registered::new(Cloud::default()).problems();
    assert!(problems.is_empty(), "{problems:?}");
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
    let problems: Vec<String> =
        check(&Schema { version: 0, block }).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(problems.join("\n"));
}
