//! `ApplyResourceChange`.

use super::{Kind, Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::{Registered, Stored};
use crate::server::convert;
use crate::server::generated::tfplugin6::apply_resource_change::{Request, Response};
use crate::server::generated::tfplugin6::{self as wire, DynamicValue};

/// Carries out a plan.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "ApplyResourceChange";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let prior = kind.decode(self.prior_state.as_ref(), "prior state")?;
        let planned = Stored {
            state: kind.decode(self.planned_state.as_ref(), "planned state")?,
            identity: kind.decode_identity(self.planned_identity.as_ref())?,
            private: &self.planned_private,
        };
        let config = kind.decode(self.config.as_ref(), "configuration")?;
        let saved = provider.apply_resource_change(name, prior, planned, config).await;
        Ok(Response {
            new_state: Some(kind.encode(&saved.state, "new state")?),
            private: saved.private,
            new_identity: kind.encode_identity(&saved.identity, "new identity")?,
            diagnostics: convert::diagnostics(provider, Self::NAME, saved.diagnostics),
            ..Response::default()
        })
    }

    /// The state stays as it was: null before a create, so that nothing is tainted; the object before a delete, so
    /// that it is not forgotten.
    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response {
            new_state: self.prior_state.clone(),
            private: self.planned_private.clone(),
            new_identity: self.planned_identity.clone(),
            diagnostics: convert::diagnostics(provider, Self::NAME, error),
            ..Response::default()
        }
    }

    fn aftermath(&self) -> &'static str {
        if is_null(self.prior_state.as_ref()) {
            "The object may have been created, whole or in part, and is in no state. Look for it before the next \
             apply, which creates it anew."
        } else if is_null(self.planned_state.as_ref()) {
            "The object may be deleted, whole or in part; the state still has it. The next plan shows what is there."
        } else {
            "The object may be changed in part; the state has it as it was before. The next plan shows what is there."
        }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}

fn is_null(value: Option<&DynamicValue>) -> bool {
    value.is_none_or(|value| value.msgpack == [0xc0] || value.json == b"null")
}
