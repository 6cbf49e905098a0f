//! `ImportResourceState`.

use super::{Kind, Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::import_resource_state::{
    ImportedResource, Request, Response,
};

/// Finds the object with an id.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ImportResourceState";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let saved = provider.import_resource_state(name, &self.id).await;
        let imported = if saved.state.is_null() {
            None
        } else {
            Some(ImportedResource {
                type_name: name.clone(),
                state: Some(kind.encode(&saved.state, "imported state")?),
                private: saved.private,
                identity: None,
            })
        };
        Ok(Response {
            imported_resources: imported.into_iter().collect(),
            diagnostics: convert::diagnostics(saved.diagnostics),
            ..Response::default()
        })
    }

    fn failed(&self, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(error), ..Response::default() }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
