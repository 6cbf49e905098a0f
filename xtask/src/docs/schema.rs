//! The parts of `terraform providers schema -json` that pages are made from.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// The whole document.
#[derive(Debug, Deserialize)]
pub(super) struct ProviderSchemas {
    provider_schemas: BTreeMap<String, ProviderSchema>,
}

impl ProviderSchemas {
    /// The provider, if there is exactly one.
    pub(super) fn into_only_provider(self) -> Option<ProviderSchema> {
        let mut providers = self.provider_schemas.into_values();
        providers.next().filter(|_| providers.next().is_none())
    }
}

/// What one provider offers.
#[derive(Debug, Deserialize)]
pub(super) struct ProviderSchema {
    pub(super) provider: Schema,
    #[serde(default)]
    pub(super) resource_schemas: BTreeMap<String, Schema>,
    #[serde(default)]
    pub(super) data_source_schemas: BTreeMap<String, Schema>,
    #[serde(default)]
    pub(super) ephemeral_resource_schemas: BTreeMap<String, Schema>,
    #[serde(default)]
    pub(super) list_resource_schemas: BTreeMap<String, Schema>,
    #[serde(default)]
    pub(super) action_schemas: BTreeMap<String, Schema>,
    #[serde(default)]
    pub(super) resource_identity_schemas: BTreeMap<String, IdentitySchema>,
    #[serde(default)]
    pub(super) functions: BTreeMap<String, Function>,
}

/// The schema of one object.
#[derive(Debug, Deserialize)]
pub(super) struct Schema {
    pub(super) block: Block,
}

/// What identifies a resource: the attributes that an import by identity takes.
#[derive(Debug, Deserialize)]
pub(super) struct IdentitySchema {
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, IdentityAttribute>,
}

/// One of them.
#[derive(Debug, Deserialize)]
pub(super) struct IdentityAttribute {
    #[serde(rename = "type")]
    pub(super) ty: Value,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) required_for_import: bool,
}

/// A block: attributes, and blocks within it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Block {
    pub(super) attributes: BTreeMap<String, Attribute>,
    pub(super) block_types: BTreeMap<String, NestedBlock>,
    pub(super) description: String,
    pub(super) deprecated: bool,
    pub(super) deprecation_message: Option<String>,
}

/// An attribute, of a type or with attributes of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attribute {
    /// cty's JSON of a type: `"string"`, `["list", "string"]` …
    #[serde(rename = "type")]
    pub(super) ty: Option<Value>,
    pub(super) nested_type: Option<NestedType>,
    pub(super) description: String,
    pub(super) required: bool,
    pub(super) optional: bool,
    pub(super) computed: bool,
    pub(super) sensitive: bool,
    pub(super) write_only: bool,
    pub(super) deprecated: bool,
    pub(super) deprecation_message: Option<String>,
}

/// The attributes within an attribute, and how many times they may stand there.
#[derive(Debug, Deserialize)]
pub(super) struct NestedType {
    pub(super) attributes: BTreeMap<String, Attribute>,
    pub(super) nesting_mode: String,
}

/// A block within a block, and how many times it may stand there.
#[derive(Debug, Deserialize)]
pub(super) struct NestedBlock {
    pub(super) block: Block,
    pub(super) nesting_mode: String,
    #[serde(default)]
    pub(super) min_items: u64,
    #[serde(default)]
    pub(super) max_items: u64,
}

/// A function.
#[derive(Debug, Deserialize)]
pub(super) struct Function {
    #[serde(default)]
    pub(super) summary: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) return_type: Value,
    #[serde(default)]
    pub(super) parameters: Vec<Parameter>,
    pub(super) variadic_parameter: Option<Parameter>,
    pub(super) deprecation_message: Option<String>,
}

/// A parameter of a function.
#[derive(Debug, Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(rename = "type")]
    pub(super) ty: Value,
    #[serde(default)]
    pub(super) is_nullable: bool,
}
