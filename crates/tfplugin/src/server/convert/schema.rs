//! Schemas as messages.

use std::collections::BTreeMap;

use crate::schema::{Attribute, AttributeKind, Block, NestedBlock, NestedObject, Nesting, Schema};
use crate::server::generated::tfplugin6::schema::{nested_block, object};
use crate::server::generated::tfplugin6::{self as wire, StringKind};

/// A schema.
pub(crate) fn schema(schema: &Schema) -> wire::Schema {
    wire::Schema { version: schema.version, block: Some(block(&schema.block)) }
}

fn block(block: &Block) -> wire::schema::Block {
    wire::schema::Block {
        attributes: attributes(&block.attributes),
        block_types: block.blocks.iter().map(|(name, found)| nested(name, found)).collect(),
        description: block.description.clone(),
        description_kind: StringKind::Markdown.into(),
        deprecated: block.deprecated.is_some(),
        deprecation_message: block.deprecated.clone().unwrap_or_default(),
        // The version of a state is the schema's; no block is computed.
        version: 0,
        computed: false,
    }
}

fn nested(name: &str, nested: &NestedBlock) -> wire::schema::NestedBlock {
    use nested_block::NestingMode;

    wire::schema::NestedBlock {
        type_name: name.to_owned(),
        block: Some(block(&nested.block)),
        nesting: match nested.nesting {
            Nesting::Single => NestingMode::Single,
            Nesting::List => NestingMode::List,
            Nesting::Set => NestingMode::Set,
            Nesting::Map => NestingMode::Map,
        }
        .into(),
        min_items: nested.min,
        max_items: nested.max,
    }
}

fn attributes(attributes: &BTreeMap<String, Attribute>) -> Vec<wire::schema::Attribute> {
    attributes.iter().map(|(name, found)| attribute(name, found)).collect()
}

fn attribute(name: &str, attribute: &Attribute) -> wire::schema::Attribute {
    let (r#type, nested_type) = match &attribute.kind {
        AttributeKind::Type(ty) => (ty.to_json(), None),
        AttributeKind::Nested { nesting, object } => {
            (Vec::new(), Some(nested_object(*nesting, object)))
        }
    };
    wire::schema::Attribute {
        name: name.to_owned(),
        r#type,
        nested_type,
        description: attribute.description.clone(),
        description_kind: StringKind::Markdown.into(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn nested_object(nesting: Nesting, object: &NestedObject) -> wire::schema::Object {
    use object::NestingMode;

    wire::schema::Object {
        attributes: attributes(&object.attributes),
        nesting: match nesting {
            Nesting::Single => NestingMode::Single,
            Nesting::List => NestingMode::List,
            Nesting::Set => NestingMode::Set,
            Nesting::Map => NestingMode::Map,
        }
        .into(),
        ..wire::schema::Object::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Type;

    fn plain(ty: Type) -> Attribute {
        Attribute::new(AttributeKind::Type(ty), "what it is")
    }

    #[test]
    fn an_attribute_keeps_every_mark() {
        let given = Attribute {
            optional: true,
            sensitive: true,
            write_only: true,
            deprecated: Some("Use b.".to_owned()),
            ..plain(Type::map(Type::Number))
        };
        let made = attribute("a", &given);
        assert_eq!(made.name, "a");
        assert_eq!(made.r#type, br#"["map","number"]"#);
        assert_eq!(made.nested_type, None);
        assert!(made.optional && made.sensitive && made.write_only && made.deprecated);
        assert!(!made.required && !made.computed);
        assert_eq!(made.deprecation_message, "Use b.");
        assert_eq!(made.description_kind(), StringKind::Markdown);
        assert!(attribute("a", &Attribute { required: true, ..plain(Type::Bool) }).required);
        assert!(attribute("a", &Attribute { computed: true, ..plain(Type::Bool) }).computed);
    }

    #[test]
    fn nested_attributes_and_blocks_say_how_they_are_gathered() {
        for (nesting, of_object, of_block) in [
            (Nesting::Single, object::NestingMode::Single, nested_block::NestingMode::Single),
            (Nesting::List, object::NestingMode::List, nested_block::NestingMode::List),
            (Nesting::Set, object::NestingMode::Set, nested_block::NestingMode::Set),
            (Nesting::Map, object::NestingMode::Map, nested_block::NestingMode::Map),
        ] {
            let inner = BTreeMap::from([("x".to_owned(), plain(Type::String))]);
            let object = NestedObject { description: String::new(), attributes: inner.clone() };
            let made = attribute(
                "a",
                &Attribute::new(AttributeKind::Nested { nesting, object }, "objects"),
            );
            assert!(made.r#type.is_empty());
            let object = made.nested_type.unwrap();
            assert_eq!(object.nesting(), of_object);
            assert_eq!(object.attributes[0].name, "x");

            let block = Block { attributes: inner, ..Block::default() };
            let made = nested("b", &NestedBlock { nesting, block, min: 1, max: 2 });
            assert_eq!(made.nesting(), of_block);
            assert_eq!((made.type_name.as_str(), made.min_items, made.max_items), ("b", 1, 2));
            assert_eq!(made.block.unwrap().attributes[0].name, "x");
        }
    }

    #[test]
    fn a_schema_has_its_version_and_its_attributes_in_order() {
        let attributes = ["b", "a"].map(|name| (name.to_owned(), plain(Type::String)));
        let block = Block {
            attributes: attributes.into_iter().collect(),
            description: "A thing.".to_owned(),
            ..Block::default()
        };
        let made = schema(&Schema { version: 3, block });
        assert_eq!(made.version, 3);
        let block = made.block.unwrap();
        let names: Vec<_> = block.attributes.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(block.description, "A thing.");
        assert!(!block.deprecated);
    }
}
