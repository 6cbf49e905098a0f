//! `ValidateListResourceConfig`.

use super::list_resource::in_config;
use super::{Kind, Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::validate_list_resource_config::{Request, Response};

/// Checks a list block.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ValidateListResourceConfig";

    fn of(&self) -> Of<'_> {
        Of::List(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let config = Kind::list(provider, name)?.decode(self.config.as_ref(), "configuration")?;
        let found = provider.validate_list_resource(name, config);
        Ok(Response { diagnostics: convert::diagnostics(provider, Self::NAME, in_config(found)) })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(provider, Self::NAME, error) }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
