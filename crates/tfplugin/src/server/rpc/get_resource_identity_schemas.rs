//! `GetResourceIdentitySchemas`.

use super::Rpc;
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::get_resource_identity_schemas::{Request, Response};

/// The schemas of all identities.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "GetResourceIdentitySchemas";

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let schemas = provider.resource_types().filter_map(|name| {
            let (schema, _) = provider.identity_schema(name)?;
            Some((name.to_owned(), convert::identity_schema(schema)))
        });
        Ok(Response { identity_schemas: schemas.collect(), diagnostics: Vec::new() })
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
