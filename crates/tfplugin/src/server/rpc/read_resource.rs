//! `ReadResource`.

use super::{Kind, Of, Rpc, capabilities, deferred};
use crate::diagnostic::Diagnostic;
use crate::erased::{Registered, Stored};
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::read_resource::{Request, Response};

/// Reads what is there now.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ReadResource";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let current = Stored {
            state: kind.decode(self.current_state.as_ref(), "state")?,
            identity: kind.decode_identity(self.current_identity.as_ref())?,
            private: &self.private,
        };
        let capabilities = capabilities(self.client_capabilities);
        let saved = provider.read_resource(name, current, capabilities).await;
        Ok(Response {
            new_state: Some(kind.encode(&saved.state, "new state")?),
            private: saved.private,
            diagnostics: convert::diagnostics(provider, Self::NAME, saved.diagnostics),
            new_identity: kind.encode_identity(&saved.identity, "new identity")?,
            deferred: deferred(saved.deferred),
        })
    }

    /// What cannot be read is not gone: the state stays.
    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response {
            new_state: self.current_state.clone(),
            private: self.private.clone(),
            new_identity: self.current_identity.clone(),
            diagnostics: convert::diagnostics(provider, Self::NAME, error),
            ..Response::default()
        }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
