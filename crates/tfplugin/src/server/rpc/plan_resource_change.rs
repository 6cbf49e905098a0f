//! `PlanResourceChange`.

use super::{capabilities, resource_type};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::plan_resource_change::{Request, Response};

/// Decides what an apply will do.
pub(in crate::server) async fn plan_resource_change(
    provider: &Registered,
    request: Request,
) -> Response {
    match plan(provider, &request).await {
        Ok(response) => response,
        Err(error) => Response {
            planned_state: request.proposed_new_state,
            planned_private: request.prior_private,
            diagnostics: convert::diagnostics(error),
            ..Response::default()
        },
    }
}

async fn plan(provider: &Registered, request: &Request) -> Result<Response, Diagnostic> {
    let name = &request.type_name;
    let ty = resource_type(provider, name)?;
    let prior = convert::decode(request.prior_state.as_ref(), ty, "prior state")?;
    let proposed = convert::decode(request.proposed_new_state.as_ref(), ty, "proposed state")?;
    let config = convert::decode(request.config.as_ref(), ty, "configuration")?;
    let capabilities = capabilities(request.client_capabilities);
    let plan = provider
        .plan_resource_change(name, prior, proposed, config, &request.prior_private, capabilities)
        .await;
    Ok(Response {
        planned_state: Some(convert::encode(&plan.planned, ty, "planned state")?),
        requires_replace: plan.requires_replace.iter().map(convert::path).collect(),
        planned_private: plan.private,
        diagnostics: convert::diagnostics(plan.diagnostics),
        ..Response::default()
    })
}
