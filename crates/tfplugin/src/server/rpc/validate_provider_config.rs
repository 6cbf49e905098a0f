//! `ValidateProviderConfig`.

use super::{Kind, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::validate_provider_config::{Request, Response};

/// Checks the provider block.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ValidateProviderConfig";

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let config =
            Kind::provider(provider).decode(self.config.as_ref(), "provider configuration")?;
        let diagnostics =
            convert::diagnostics(provider, Self::NAME, provider.validate_provider(config));
        Ok(Response { diagnostics })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(provider, Self::NAME, error) }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
