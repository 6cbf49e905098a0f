//! `MoveResourceState`.

use super::{Kind, Of, Rpc};
use crate::diagnostic::{Diagnostic, Notice};
use crate::erased::Registered;
use crate::moved::MovedFrom;
use crate::private::Private;
use crate::raw_state::RawState;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::move_resource_state::{Request, Response};

/// Takes over an object of another type.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "MoveResourceState";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.target_type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.target_type_name;
        let kind = Kind::resource(provider, name)?;
        let json = |raw: &Option<wire::RawState>| {
            raw.as_ref().map(|raw| raw.json.clone()).filter(|json| !json.is_empty())
        };
        let state = json(&self.source_state).ok_or_else(|| {
            let source = &self.source_type_name;
            let detail = format!("The state of the `{source}` that is to be moved is not JSON.");
            Diagnostic::noticed(Notice::Unreadable, "State of an older CLI", detail)
        })?;
        let identity = json(&self.source_identity);
        let from = MovedFrom {
            provider_address: &self.source_provider_address,
            type_name: &self.source_type_name,
            schema_version: self.source_schema_version,
            state: RawState::new(&state),
            // What another provider keeps may be anything.
            private: Private::from_bytes(&self.source_private).unwrap_or_default(),
            identity: identity.as_deref().map(RawState::new),
            identity_version: self.source_identity_schema_version,
        };
        let saved = provider.move_resource_state(name, from).await;
        let target_state = if saved.state.is_null() {
            None
        } else {
            Some(kind.encode(&saved.state, "moved state")?)
        };
        Ok(Response {
            target_state,
            diagnostics: convert::diagnostics(provider, Self::NAME, saved.diagnostics),
            target_private: saved.private,
            target_identity: kind.encode_identity(&saved.identity, "identity")?,
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
