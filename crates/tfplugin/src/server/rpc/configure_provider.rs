//! `ConfigureProvider`.

use super::{Kind, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::configure_provider::{Request, Response};

/// Hands the provider its configuration.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ConfigureProvider";

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let config =
            Kind::provider(provider).decode(self.config.as_ref(), "provider configuration")?;
        let diagnostics =
            convert::diagnostics(provider, Self::NAME, provider.configure(config).await);
        Ok(Response { diagnostics })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(provider, Self::NAME, error) }
    }

    fn aftermath(&self) -> &'static str {
        "The provider is not configured."
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
