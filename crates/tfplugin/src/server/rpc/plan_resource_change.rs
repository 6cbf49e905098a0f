//! `PlanResourceChange`.

use super::{Kind, Of, Rpc, capabilities, deferred};
use crate::diagnostic::Diagnostic;
use crate::erased::{Registered, Stored};
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::plan_resource_change::{Request, Response};

/// Decides what an apply will do.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "PlanResourceChange";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let prior = Stored {
            state: kind.decode(self.prior_state.as_ref(), "prior state")?,
            identity: kind.decode_identity(self.prior_identity.as_ref())?,
            private: &self.prior_private,
        };
        let proposed = kind.decode(self.proposed_new_state.as_ref(), "proposed state")?;
        let config = kind.decode(self.config.as_ref(), "configuration")?;
        let capabilities = capabilities(self.client_capabilities);
        let plan = provider.plan_resource_change(name, prior, proposed, config, capabilities).await;
        Ok(Response {
            planned_state: Some(kind.encode(&plan.planned, "planned state")?),
            requires_replace: plan.requires_replace.iter().map(convert::path).collect(),
            planned_private: plan.private,
            planned_identity: kind.encode_identity(&plan.identity, "planned identity")?,
            deferred: deferred(plan.deferred),
            diagnostics: convert::diagnostics(provider, Self::NAME, plan.diagnostics),
            ..Response::default()
        })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response {
            planned_state: self.proposed_new_state.clone(),
            planned_private: self.prior_private.clone(),
            planned_identity: self.prior_identity.clone(),
            diagnostics: convert::diagnostics(provider, Self::NAME, error),
            ..Response::default()
        }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
