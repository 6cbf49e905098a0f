//! `GetMetadata`.

use super::{Rpc, server_capabilities};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::get_metadata::{
    ActionMetadata, DataSourceMetadata, EphemeralMetadata, FunctionMetadata, ListResourceMetadata,
    Request, ResourceMetadata, Response,
};

/// The names of everything there is.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "GetMetadata";

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let type_name = str::to_owned;
        Ok(Response {
            server_capabilities: server_capabilities(),
            data_sources: provider
                .data_source_types()
                .map(|name| DataSourceMetadata { type_name: type_name(name) })
                .collect(),
            resources: provider
                .resource_types()
                .map(|name| ResourceMetadata { type_name: type_name(name) })
                .collect(),
            list_resources: provider
                .list_resource_types()
                .map(|name| ListResourceMetadata { type_name: type_name(name) })
                .collect(),
            ephemeral_resources: provider
                .ephemeral_resource_types()
                .map(|name| EphemeralMetadata { type_name: type_name(name) })
                .collect(),
            actions: provider
                .action_types()
                .map(|name| ActionMetadata { type_name: type_name(name) })
                .collect(),
            functions: provider
                .functions()
                .into_keys()
                .map(|name| FunctionMetadata { name: name.to_owned() })
                .collect(),
            ..Response::default()
        })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response {
            diagnostics: convert::diagnostics(provider, Self::NAME, error),
            ..Response::default()
        }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
