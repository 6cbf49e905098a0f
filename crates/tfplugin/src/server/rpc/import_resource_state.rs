//! `ImportResourceState`.

use super::resource_type;
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::import_resource_state::{
    ImportedResource, Request, Response,
};

/// Finds the object with an id.
pub(in crate::server) async fn import_resource_state(
    provider: &Registered,
    request: &Request,
) -> Response {
    import(provider, request).await.unwrap_or_else(|error| Response {
        diagnostics: convert::diagnostics(error),
        ..Response::default()
    })
}

async fn import(provider: &Registered, request: &Request) -> Result<Response, Diagnostic> {
    let name = &request.type_name;
    let ty = resource_type(provider, name)?;
    let saved = provider.import_resource_state(name, &request.id).await;
    let imported = if saved.state.is_null() {
        None
    } else {
        Some(ImportedResource {
            type_name: name.clone(),
            state: Some(convert::encode(&saved.state, ty, "imported state")?),
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
