//! `GetFunctions`.

use std::collections::BTreeMap;

use super::Rpc;
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6 as wire;
use crate::server::generated::tfplugin6::get_functions::{Request, Response};

/// The signatures of all functions.
impl Rpc for Request {
    type Response = Response;
    const NAME: &'static str = "GetFunctions";

    async fn answer(&self, provider: &Registered) -> Result<Response, Diagnostic> {
        Ok(Response { functions: functions(provider), diagnostics: Vec::new() })
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

/// All signatures by name.
pub(super) fn functions(provider: &Registered) -> BTreeMap<String, wire::Function> {
    let functions = provider.functions();
    functions
        .iter()
        .map(|(name, definition)| ((*name).to_owned(), convert::function(definition)))
        .collect()
}
