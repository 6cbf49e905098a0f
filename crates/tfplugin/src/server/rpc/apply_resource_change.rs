//! `ApplyResourceChange`.

use super::resource_type;
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::apply_resource_change::{Request, Response};

/// Carries out a plan.
pub(in crate::server) async fn apply_resource_change(
    provider: &Registered,
    request: Request,
) -> Response {
    match apply(provider, &request).await {
        Ok(response) => response,
        // The state stays as it was: null before a create, so that nothing is tainted; the object before a delete, so
        // that it is not forgotten.
        Err(error) => Response {
            new_state: request.prior_state,
            private: request.planned_private,
            diagnostics: convert::diagnostics(error),
            ..Response::default()
        },
    }
}

async fn apply(provider: &Registered, request: &Request) -> Result<Response, Diagnostic> {
    let name = &request.type_name;
    let ty = resource_type(provider, name)?;
    let prior = convert::decode(request.prior_state.as_ref(), ty, "prior state")?;
    let planned = convert::decode(request.planned_state.as_ref(), ty, "planned state")?;
    let config = convert::decode(request.config.as_ref(), ty, "configuration")?;
    let saved = provider
        .apply_resource_change(name, prior, planned, config, &request.planned_private)
        .await;
    Ok(Response {
        new_state: Some(convert::encode(&saved.state, ty, "new state")?),
        private: saved.private,
        diagnostics: convert::diagnostics(saved.diagnostics),
        ..Response::default()
    })
}
