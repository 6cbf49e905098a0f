//! `ImportResourceState`.

use super::{Kind, Of, Rpc, capabilities, deferred};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::import_resource_state::{
    ImportedResource, Request, Response,
};

/// Finds the object with an id or an identity.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ImportResourceState";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let capabilities = capabilities(self.client_capabilities);
        let saved = match &self.identity {
            None => provider.import_resource_state(name, &self.id, capabilities).await,
            Some(_) => {
                let identity = kind.decode_identity(self.identity.as_ref())?;
                provider.import_by_identity(name, identity, capabilities).await
            }
        };
        let imported = if saved.state.is_null() {
            None
        } else {
            Some(ImportedResource {
                type_name: name.clone(),
                state: Some(kind.encode(&saved.state, "imported state")?),
                private: saved.private,
                identity: kind.encode_identity(&saved.identity, "identity")?,
            })
        };
        Ok(Response {
            imported_resources: imported.into_iter().collect(),
            diagnostics: convert::diagnostics(provider, Self::NAME, saved.diagnostics),
            deferred: deferred(saved.deferred),
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
