//! `GetProviderSchema`.

use super::{SERVER_CAPABILITIES, get_functions};
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::get_provider_schema::Response;

/// All schemas. Made once per process: see [`crate::server`].
pub(in crate::server) fn get_provider_schema(provider: &Registered) -> Response {
    let resources = provider.resource_types().filter_map(|name| {
        provider.resource_schema(name).map(|(found, _)| (name.to_owned(), convert::schema(found)))
    });
    let data_sources = provider.data_source_types().filter_map(|name| {
        let schema = provider.data_source_schema(name);
        schema.map(|(found, _)| (name.to_owned(), convert::schema(found)))
    });
    Response {
        provider: Some(convert::schema(provider.provider_schema().0)),
        resource_schemas: resources.collect(),
        data_source_schemas: data_sources.collect(),
        functions: get_functions(provider).functions,
        server_capabilities: Some(SERVER_CAPABILITIES),
        ..Response::default()
    }
}
