//! `GetProviderSchema`.

use super::get_functions::functions;
use super::{Rpc, server_capabilities};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::get_provider_schema::{Request, Response};

/// All schemas. Asked for once per process, at most: see [`crate::server`].
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "GetProviderSchema";

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let resources = provider.resource_types().filter_map(|name| {
            let schema = provider.resource_schema(name);
            schema.map(|(found, _)| (name.to_owned(), convert::schema(found)))
        });
        let data_sources = provider.data_source_types().filter_map(|name| {
            let schema = provider.data_source_schema(name);
            schema.map(|(found, _)| (name.to_owned(), convert::schema(found)))
        });
        let lists = provider.list_resource_types().filter_map(|name| {
            let schema = provider.list_resource_schema(name);
            schema.map(|(found, _)| (name.to_owned(), convert::schema(found)))
        });
        let ephemerals = provider.ephemeral_resource_types().filter_map(|name| {
            let schema = provider.ephemeral_resource_schema(name);
            schema.map(|(found, _)| (name.to_owned(), convert::schema(found)))
        });
        let actions = provider.action_types().filter_map(|name| {
            let schema = provider.action_schema(name).map(|(found, _)| convert::schema(found));
            schema.map(|schema| (name.to_owned(), wire::ActionSchema { schema: Some(schema) }))
        });
        Ok(Response {
            provider: Some(convert::schema(provider.provider_schema().0)),
            resource_schemas: resources.collect(),
            data_source_schemas: data_sources.collect(),
            list_resource_schemas: lists.collect(),
            ephemeral_resource_schemas: ephemerals.collect(),
            action_schemas: actions.collect(),
            functions: functions(provider),
            server_capabilities: server_capabilities(),
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
