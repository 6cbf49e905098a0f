//! The kinds of objects that have a page each, and where their files lie by tfplugindocs' conventions.

use std::collections::BTreeMap;

use super::schema::{Block, ProviderSchema};

/// A kind of object with a type name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Resource,
    DataSource,
    EphemeralResource,
    ListResource,
    Action,
}

/// An example: the beginning and the end of its file's name. Between them may stand what tells several apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Example {
    pub(super) stem: &'static str,
    pub(super) extension: &'static str,
}

/// Where functions have their files.
pub(super) const FUNCTIONS: &str = "functions";

/// Where guides have their pages.
pub(super) const GUIDES: &str = "guides";

impl Kind {
    pub(super) const ALL: [Self; 5] = [
        Self::Resource,
        Self::DataSource,
        Self::EphemeralResource,
        Self::ListResource,
        Self::Action,
    ];

    /// What stands in titles.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Resource => "Resource",
            Self::DataSource => "Data Source",
            Self::EphemeralResource => "Ephemeral Resource",
            Self::ListResource => "List Resource",
            Self::Action => "Action",
        }
    }

    /// The folder below `docs/`, `examples/` and `templates/`.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Self::Resource => "resources",
            Self::DataSource => "data-sources",
            Self::EphemeralResource => "ephemeral-resources",
            Self::ListResource => "list-resources",
            Self::Action => "actions",
        }
    }

    /// Its examples.
    pub(super) const fn example(self) -> Example {
        match self {
            Self::Resource => Example::tf("resource"),
            Self::DataSource => Example::tf("data-source"),
            Self::EphemeralResource => Example::tf("ephemeral-resource"),
            // A query is a language of its own, in files of its own.
            Self::ListResource => Example { stem: "list-resource", extension: ".tfquery.hcl" },
            Self::Action => Example::tf("action"),
        }
    }

    /// The objects of this kind, by their types' names.
    pub(super) fn of(self, provider: &ProviderSchema) -> BTreeMap<&str, &Block> {
        fn blocks<'a, T>(
            schemas: &'a BTreeMap<String, T>,
            block: impl Fn(&'a T) -> &'a Block,
        ) -> BTreeMap<&'a str, &'a Block> {
            schemas.iter().map(|(name, schema)| (name.as_str(), block(schema))).collect()
        }
        match self {
            Self::Resource => blocks(&provider.resource_schemas, |schema| &schema.block),
            Self::DataSource => blocks(&provider.data_source_schemas, |schema| &schema.block),
            Self::EphemeralResource => {
                blocks(&provider.ephemeral_resource_schemas, |schema| &schema.block)
            }
            Self::ListResource => blocks(&provider.list_resource_schemas, |schema| &schema.block),
            Self::Action => blocks(&provider.action_schemas, |schema| &schema.block),
        }
    }
}

impl Example {
    pub(super) const fn tf(stem: &'static str) -> Self {
        Self { stem, extension: ".tf" }
    }
}
