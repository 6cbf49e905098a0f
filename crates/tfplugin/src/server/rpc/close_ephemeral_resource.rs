//! `CloseEphemeralResource`.

use super::{Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::close_ephemeral_resource::{Request, Response};

/// Ends an ephemeral object.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "CloseEphemeralResource";

    fn of(&self) -> Of<'_> {
        Of::Ephemeral(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let private = self.private.as_deref().unwrap_or_default();
        let found = provider.close_ephemeral_resource(&self.type_name, private).await;
        Ok(Response { diagnostics: convert::diagnostics(provider, Self::NAME, found) })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(provider, Self::NAME, error) }
    }

    fn aftermath(&self) -> &'static str {
        "It may stay open until it expires by itself."
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
