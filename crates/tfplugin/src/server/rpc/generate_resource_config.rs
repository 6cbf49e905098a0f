//! `GenerateResourceConfig`.

use super::{Kind, Of, Rpc};
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::generate_resource_config::{Request, Response};

/// Makes a configuration of an object that was imported.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "GenerateResourceConfig";

    fn of(&self) -> Of<'_> {
        Of::Resource(&self.type_name)
    }

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        let name = &self.type_name;
        let kind = Kind::resource(provider, name)?;
        let state = kind.decode(self.state.as_ref(), "state")?;
        Ok(match provider.generate_resource_config(name, state) {
            Ok(config) => Response {
                config: Some(kind.encode(&config, "configuration")?),
                diagnostics: Vec::new(),
            },
            Err(errors) => Response {
                config: None,
                diagnostics: convert::diagnostics(provider, Self::NAME, errors),
            },
        })
    }

    fn failed(&self, provider: &Registered, error: Diagnostic) -> Response {
        Response { config: None, diagnostics: convert::diagnostics(provider, Self::NAME, error) }
    }

    fn diagnostics(response: &Response) -> &[wire::Diagnostic] {
        &response.diagnostics
    }
}
