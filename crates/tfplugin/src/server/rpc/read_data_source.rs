//! `ReadDataSource`.

use super::{Kind, Of, Rpc, capabilities, deferred};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::read_data_source::{Request, Response};

/// Reads a data source.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ReadDataSource";

    fn of(&self) -> Of<'_> {
        Of::DataSource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::data_source(provider, name)?;
        let config = kind.decode(self.config.as_ref(), "configuration")?;
        let capabilities = capabilities(self.client_capabilities);
        let found = provider.read_data_source(name, config, capabilities).await;
        Ok(Response {
            state: Some(kind.encode(&found.state, "data")?),
            diagnostics: convert::diagnostics(provider, Self::NAME, found.diagnostics),
            deferred: deferred(found.deferred),
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
