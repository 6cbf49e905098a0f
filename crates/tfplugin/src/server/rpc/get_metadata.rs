//! `GetMetadata`.

use super::SERVER_CAPABILITIES;
use crate::erased::Registered;
use crate::server::generated::tfplugin6::get_metadata::{
    DataSourceMetadata, FunctionMetadata, ResourceMetadata, Response,
};

/// The names of everything there is.
pub(in crate::server) fn get_metadata(provider: &Registered) -> Response {
    let type_name = str::to_owned;
    Response {
        server_capabilities: Some(SERVER_CAPABILITIES),
        data_sources: provider
            .data_source_types()
            .map(|name| DataSourceMetadata { type_name: type_name(name) })
            .collect(),
        resources: provider
            .resource_types()
            .map(|name| ResourceMetadata { type_name: type_name(name) })
            .collect(),
        functions: provider
            .functions()
            .into_keys()
            .map(|name| FunctionMetadata { name: name.to_owned() })
            .collect(),
        ..Response::default()
    }
}
