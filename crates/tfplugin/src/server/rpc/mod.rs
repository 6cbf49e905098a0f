//! One file per RPC: from the message to the provider, and from its answer to the message.
//!
//! Whatever is wrong with a configuration, an object or the provider is a diagnostic in the answer. Core takes a gRPC
//! error for a crash.

mod apply_resource_change;
mod call_function;
mod configure_provider;
mod get_functions;
mod get_metadata;
mod get_provider_schema;
mod import_resource_state;
mod plan_resource_change;
mod read_data_source;
mod read_resource;
mod upgrade_resource_state;
mod validate_data_resource_config;
mod validate_provider_config;
mod validate_resource_config;

pub(super) use apply_resource_change::apply_resource_change;
pub(super) use call_function::call_function;
pub(super) use configure_provider::configure_provider;
pub(super) use get_functions::get_functions;
pub(super) use get_metadata::get_metadata;
pub(super) use get_provider_schema::get_provider_schema;
pub(super) use import_resource_state::import_resource_state;
pub(super) use plan_resource_change::plan_resource_change;
pub(super) use read_data_source::read_data_source;
pub(super) use read_resource::read_resource;
pub(super) use upgrade_resource_state::upgrade_resource_state;
pub(super) use validate_data_resource_config::validate_data_resource_config;
pub(super) use validate_provider_config::validate_provider_config;
pub(super) use validate_resource_config::validate_resource_config;

use super::generated::tfplugin6::{ClientCapabilities, ServerCapabilities};
use crate::diagnostic::Diagnostic;
use crate::erased::{Capabilities, Registered};
use crate::value::Type;

/// What this crate can do beyond the oldest protocol 6.
const SERVER_CAPABILITIES: ServerCapabilities = ServerCapabilities {
    // Resources refuse or announce a destroy in the plan.
    plan_destroy: true,
    // The schema depends on nothing: a CLI may keep the one it has for its other processes.
    get_provider_schema_optional: true,
    move_resource_state: false,
    generate_resource_config: false,
};

/// The type of a resource's objects.
fn resource_type<'a>(provider: &'a Registered, name: &str) -> Result<&'a Type, Diagnostic> {
    provider.resource_schema(name).map(|(_, ty)| ty).ok_or_else(|| unknown("resource", name))
}

/// The type of a data source's objects.
fn data_source_type<'a>(provider: &'a Registered, name: &str) -> Result<&'a Type, Diagnostic> {
    provider.data_source_schema(name).map(|(_, ty)| ty).ok_or_else(|| unknown("data source", name))
}

fn unknown(kind: &str, name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Unknown {kind}"),
        format!("This version of the provider has no {kind} `{name}`."),
    )
}

/// What the CLI says it can do; nothing, when it does not say.
fn capabilities(client: Option<ClientCapabilities>) -> Capabilities {
    Capabilities {
        write_only_attributes_allowed: client
            .is_some_and(|client| client.write_only_attributes_allowed),
    }
}
