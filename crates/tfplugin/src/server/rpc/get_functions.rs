//! `GetFunctions`.

use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::get_functions::Response;

/// The signatures of all functions.
pub(in crate::server) fn get_functions(provider: &Registered) -> Response {
    let functions = provider.functions();
    Response {
        functions: functions
            .iter()
            .map(|(name, definition)| ((*name).to_owned(), convert::function(definition)))
            .collect(),
        diagnostics: Vec::new(),
    }
}
