//! `OpenEphemeralResource`.

use super::{Kind, Of, Rpc, capabilities, deferred};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::open_ephemeral_resource::{Request, Response};

/// Opens an ephemeral object.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "OpenEphemeralResource";

    fn of(&self) -> Of<'_> {
        Of::Ephemeral(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::ephemeral_resource(provider, name)?;
        let config = kind.decode(self.config.as_ref(), "configuration")?;
        let capabilities = capabilities(self.client_capabilities);
        let opened = provider.open_ephemeral_resource(name, config, capabilities).await;
        Ok(Response {
            result: Some(kind.encode(&opened.result, "result")?),
            renew_at: opened.renew_at.map(Into::into),
            private: Some(opened.private),
            diagnostics: convert::diagnostics(provider, Self::NAME, opened.diagnostics),
            deferred: deferred(opened.deferred),
        })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response {
            diagnostics: convert::diagnostics(provider, Self::NAME, error),
            ..Response::default()
        }
    }

    fn aftermath(&self) -> &'static str {
        "What it was opening may stay open until it expires by itself."
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
