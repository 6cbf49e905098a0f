//! What a provider offers, with schemas.

use std::collections::BTreeMap;

use super::Registered;
use crate::function::FunctionDefinition;
use crate::schema::Schema;
use crate::value::Type;

fn both((schema, ty): &(Schema, Type)) -> (&Schema, &Type) {
    (schema, ty)
}

impl Registered {
    /// Schema and type of the provider's configuration.
    pub fn provider_schema(&self) -> (&Schema, &Type) {
        both(self.config.get(0, || self.provider.block()))
    }

    /// The types of resources, sorted.
    pub fn resource_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.resources.keys().copied()
    }

    /// Schema and type of a resource.
    pub fn resource_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.resources.get(type_name).map(|found| both(found.schema()))
    }

    /// The types of data sources, sorted.
    pub fn data_source_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.data_sources.keys().copied()
    }

    /// Schema and type of a data source.
    pub fn data_source_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.data_sources.get(type_name).map(|found| both(found.schema()))
    }

    /// The types of resources that can be listed, sorted.
    pub fn list_resource_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.list_resources.keys().copied()
    }

    /// Schema and type of the configuration of a list.
    pub fn list_resource_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.list_resources.get(type_name).map(|found| both(found.schema()))
    }

    /// The types of ephemeral resources, sorted.
    pub fn ephemeral_resource_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.ephemeral_resources.keys().copied()
    }

    /// Schema and type of an ephemeral resource.
    pub fn ephemeral_resource_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.ephemeral_resources.get(type_name).map(|found| both(found.schema()))
    }

    /// The types of actions, sorted.
    pub fn action_types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.registry.actions.keys().copied()
    }

    /// Schema and type of an action's configuration.
    pub fn action_schema(&self, type_name: &str) -> Option<(&Schema, &Type)> {
        self.registry.actions.get(type_name).map(|found| both(found.schema()))
    }

    /// The functions with their signatures, sorted by name.
    #[must_use]
    pub fn functions(&self) -> BTreeMap<&'static str, FunctionDefinition> {
        self.registry.functions.iter().map(|(name, found)| (*name, found.definition())).collect()
    }

    /// The signature of a function.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<FunctionDefinition> {
        self.registry.functions.get(name).map(|found| found.definition())
    }
}
