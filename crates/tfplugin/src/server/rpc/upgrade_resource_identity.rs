//! `UpgradeResourceIdentity`.

use super::{Kind, Of, Rpc};
use crate::diagnostic::{Diagnostic, Notice};
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::upgrade_resource_identity::{Request, Response};

/// Brings an identity, as the state file has it, to the current schema.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "UpgradeResourceIdentity";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let raw = self.raw_identity.as_ref().filter(|raw| !raw.json.is_empty());
        let raw = raw.ok_or_else(|| {
            let detail = format!("The identity of this `{name}` is not JSON.");
            Diagnostic::noticed(Notice::Unreadable, "Unreadable identity", detail)
        })?;
        Ok(match provider.upgrade_resource_identity(name, self.version, &raw.json) {
            Ok(identity) => Response {
                upgraded_identity: kind.encode_identity(&identity, "identity")?,
                diagnostics: Vec::new(),
            },
            Err(errors) => Response {
                upgraded_identity: None,
                diagnostics: convert::diagnostics(provider, Self::NAME, errors),
            },
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
