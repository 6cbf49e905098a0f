//! `ReadResource`.

use super::resource_type;
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::read_resource::{Request, Response};

/// Reads what is there now.
pub(in crate::server) async fn read_resource(provider: &Registered, request: Request) -> Response {
    match read(provider, &request).await {
        Ok(response) => response,
        // What cannot be read is not gone: the state stays.
        Err(error) => Response {
            new_state: request.current_state,
            private: request.private,
            diagnostics: convert::diagnostics(error),
            ..Response::default()
        },
    }
}

async fn read(provider: &Registered, request: &Request) -> Result<Response, Diagnostic> {
    let name = &request.type_name;
    let ty = resource_type(provider, name)?;
    let current = convert::decode(request.current_state.as_ref(), ty, "state")?;
    let saved = provider.read_resource(name, current, &request.private).await;
    Ok(Response {
        new_state: Some(convert::encode(&saved.state, ty, "new state")?),
        private: saved.private,
        diagnostics: convert::diagnostics(saved.diagnostics),
        ..Response::default()
    })
}
