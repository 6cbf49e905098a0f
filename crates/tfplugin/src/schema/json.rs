//! Schemas in the shape of `terraform providers schema -json`: what documentation tools read, and what an
//! API snapshot compares.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Attribute, AttributeKind, Block, NestedBlock, Schema};
use crate::erased::Registered;
use crate::function::{FunctionDefinition, Parameter};

/// Everything the provider offers.
#[must_use]
pub fn provider_schemas(provider: &Registered) -> Json {
    let resources = provider.resource_types().filter_map(|name| {
        provider.resource_schema(name).map(|(found, _)| (name.to_owned(), schema(found)))
    });
    let data_sources = provider.data_source_types().filter_map(|name| {
        provider.data_source_schema(name).map(|(found, _)| (name.to_owned(), schema(found)))
    });
    let ephemerals = provider.ephemeral_resource_types().filter_map(|name| {
        let found = provider.ephemeral_resource_schema(name);
        found.map(|(found, _)| (name.to_owned(), schema(found)))
    });
    let actions = provider.action_types().filter_map(|name| {
        let found = provider.action_schema(name);
        found.map(|(found, _)| (name.to_owned(), json!({ "block": block(&found.block) })))
    });
    let functions = provider.functions();
    let functions = functions.iter().map(|(name, found)| ((*name).to_owned(), function(found)));
    let identities = provider.resource_types().filter_map(|name| {
        provider.identity_schema(name).map(|(found, _)| (name.to_owned(), identity(found)))
    });
    let lists = provider.list_resource_types().filter_map(|name| {
        provider.list_resource_schema(name).map(|(found, _)| (name.to_owned(), schema(found)))
    });
    let mut offered =
        Map::from_iter([("provider".to_owned(), schema(provider.provider_schema().0))]);
    // The CLI leaves out what a provider has none of.
    for (name, found) in [
        ("resource_schemas", resources.collect()),
        ("data_source_schemas", data_sources.collect()),
        ("ephemeral_resource_schemas", ephemerals.collect()),
        ("action_schemas", actions.collect()),
        ("functions", functions.collect()),
        ("resource_identity_schemas", identities.collect::<Map<_, _>>()),
        ("list_resource_schemas", lists.collect()),
    ] {
        if !found.is_empty() {
            offered.insert(name.to_owned(), Json::Object(found));
        }
    }
    json!({ "format_version": "1.0", "provider_schemas": { provider.address(): offered } })
}

/// One schema.
#[must_use]
pub fn schema(schema: &Schema) -> Json {
    json!({ "version": schema.version, "block": block(&schema.block) })
}

/// The schema of an identity.
fn identity(schema: &Schema) -> Json {
    let attribute = |attribute: &Attribute| {
        let mut out = Map::new();
        out.insert("type".to_owned(), attribute.kind.ty().to_json_value());
        out.insert("description".to_owned(), attribute.description.clone().into());
        for (name, set) in [
            ("required_for_import", attribute.required),
            ("optional_for_import", attribute.optional),
        ] {
            if set {
                out.insert(name.to_owned(), true.into());
            }
        }
        Json::Object(out)
    };
    let attributes = &schema.block.attributes;
    let attributes = attributes.iter().map(|(name, found)| (name.clone(), attribute(found)));
    json!({ "version": schema.version, "attributes": Json::Object(attributes.collect()) })
}

fn block(block: &Block) -> Json {
    let mut out = described(&block.description, block.deprecated.as_ref());
    if !block.attributes.is_empty() {
        out.insert("attributes".to_owned(), attributes(&block.attributes));
    }
    if !block.blocks.is_empty() {
        let blocks = block.blocks.iter().map(|(name, found)| (name.clone(), nested_block(found)));
        out.insert("block_types".to_owned(), Json::Object(blocks.collect()));
    }
    Json::Object(out)
}

fn nested_block(nested: &NestedBlock) -> Json {
    let mut out = Map::new();
    out.insert("nesting_mode".to_owned(), nested.nesting.name().into());
    out.insert("block".to_owned(), block(&nested.block));
    for (name, count) in [("min_items", nested.min), ("max_items", nested.max)] {
        if count != 0 {
            out.insert(name.to_owned(), count.into());
        }
    }
    Json::Object(out)
}

fn attributes(attributes: &BTreeMap<String, Attribute>) -> Json {
    Json::Object(attributes.iter().map(|(name, found)| (name.clone(), attribute(found))).collect())
}

fn attribute(attribute: &Attribute) -> Json {
    let mut out = described(&attribute.description, attribute.deprecated.as_ref());
    match &attribute.kind {
        AttributeKind::Type(ty) => out.insert("type".to_owned(), ty.to_json_value()),
        AttributeKind::Nested { nesting, object } => out.insert(
            "nested_type".to_owned(),
            json!({ "attributes": attributes(&object.attributes), "nesting_mode": nesting.name() }),
        ),
    };
    for (name, set) in [
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
    ] {
        if set {
            out.insert(name.to_owned(), true.into());
        }
    }
    Json::Object(out)
}

fn function(function: &FunctionDefinition) -> Json {
    let mut out = Map::new();
    out.insert("summary".to_owned(), function.summary.clone().into());
    out.insert("description".to_owned(), function.description.clone().into());
    out.insert("return_type".to_owned(), function.returns.to_json_value());
    if !function.parameters.is_empty() {
        let parameters = function.parameters.iter().map(parameter).collect();
        out.insert("parameters".to_owned(), Json::Array(parameters));
    }
    if let Some(variadic) = &function.variadic {
        out.insert("variadic_parameter".to_owned(), parameter(variadic));
    }
    if let Some(message) = &function.deprecated {
        out.insert("deprecation_message".to_owned(), message.clone().into());
    }
    Json::Object(out)
}

fn parameter(parameter: &Parameter) -> Json {
    let mut out = Map::new();
    out.insert("name".to_owned(), parameter.name.clone().into());
    out.insert("description".to_owned(), parameter.description.clone().into());
    out.insert("type".to_owned(), parameter.ty.to_json_value());
    if parameter.allow_null {
        out.insert("is_nullable".to_owned(), true.into());
    }
    Json::Object(out)
}

fn described(description: &str, deprecated: Option<&String>) -> Map<String, Json> {
    let mut out = Map::new();
    if !description.is_empty() {
        out.insert("description".to_owned(), description.into());
        out.insert("description_kind".to_owned(), "markdown".into());
    }
    if let Some(message) = deprecated {
        out.insert("deprecated".to_owned(), true.into());
        out.insert("deprecation_message".to_owned(), message.clone().into());
    }
    out
}
