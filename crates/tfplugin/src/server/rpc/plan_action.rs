//! `PlanAction`.

use super::{Kind, Of, Rpc, capabilities, deferred};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::plan_action::{Request, Response};

/// Looks whether an action can be done.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "PlanAction";

    fn of(&self) -> Of<'_> {
        Of::Action(&self.action_type)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.action_type;
        let kind = Kind::action(provider, name)?;
        let config = kind.decode(self.config.as_ref(), "configuration")?;
        let capabilities = capabilities(self.client_capabilities);
        let plan = provider.plan_action(name, config, capabilities).await;
        Ok(Response {
            diagnostics: convert::diagnostics(provider, Self::NAME, plan.diagnostics),
            deferred: deferred(plan.deferred),
        })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { diagnostics: convert::diagnostics(provider, Self::NAME, error), deferred: None }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
