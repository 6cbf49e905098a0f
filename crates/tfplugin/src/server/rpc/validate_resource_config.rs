//! `ValidateResourceConfig`.

use super::{Kind, Of, Rpc, capabilities};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::validate_resource_config::{Request, Response};

/// Checks a resource block.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ValidateResourceConfig";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let config =
            Kind::resource(provider, name)?.decode(self.config.as_ref(), "configuration")?;
        let capabilities = capabilities(self.client_capabilities);
        let found = provider.validate_resource(name, config, capabilities);
        Ok(Response { diagnostics: convert::diagnostics(provider, Self::NAME, found) })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(provider, Self::NAME, error) }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
