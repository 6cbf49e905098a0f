//! `RenewEphemeralResource`.

use super::{Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::renew_ephemeral_resource::{Request, Response};

/// Makes an ephemeral object last longer.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "RenewEphemeralResource";

    fn of(&self) -> Of<'_> {
        Of::Ephemeral(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let private = self.private.as_deref().unwrap_or_default();
        let renewed = provider.renew_ephemeral_resource(&self.type_name, private).await;
        Ok(Response {
            renew_at: renewed.renew_at.map(Into::into),
            private: Some(renewed.private),
            diagnostics: convert::diagnostics(provider, Self::NAME, renewed.diagnostics),
        })
    }

    /// What is kept is needed to close it.
    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response {
            private: self.private.clone(),
            diagnostics: convert::diagnostics(provider, Self::NAME, error),
            ..Response::default()
        }
    }

    fn aftermath(&self) -> &'static str {
        "It may expire before the run is over."
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
