//! `ValidateEphemeralResourceConfig`.

use super::{Kind, Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::validate_ephemeral_resource_config::{Request, Response};

/// Checks an ephemeral block.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ValidateEphemeralResourceConfig";

    fn of(&self) -> Of<'_> {
        Of::Ephemeral(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::ephemeral_resource(provider, name)?;
        let config = kind.decode(self.config.as_ref(), "configuration")?;
        let found = provider.validate_ephemeral_resource(name, config);
        Ok(Response { diagnostics: convert::diagnostics(provider, Self::NAME, found) })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(provider, Self::NAME, error) }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
