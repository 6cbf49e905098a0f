//! `UpgradeResourceState`.

use super::{Kind, Of, Rpc};
use crate::diagnostic::{Diagnostic, Notice};
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::upgrade_resource_state::{Request, Response};

/// Brings a state, as the state file has it, to the current schema.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "UpgradeResourceState";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let raw = self.raw_state.as_ref().filter(|raw| !raw.json.is_empty()).ok_or_else(|| {
            Diagnostic::noticed(
                Notice::Unreadable, "State of an older CLI",
                format!(
                    "The state of this `{name}` is not JSON: Terraform 0.11 or older wrote it.\n\nApply \
                     it once with Terraform 0.12, which converts it."
                ),
            )
        })?;
        kind.keep_secrets(&raw.json);
        let (state, diagnostics) = provider.upgrade_resource_state(name, self.version, &raw.json);
        let upgraded_state =
            if diagnostics.has_errors() { None } else { Some(kind.encode(&state, "state")?) };
        Ok(Response {
            upgraded_state,
            diagnostics: convert::diagnostics(provider, Self::NAME, diagnostics),
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
