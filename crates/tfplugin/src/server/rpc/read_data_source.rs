//! `ReadDataSource`.

use super::data_source_type;
use crate::diagnostic::Diagnostic;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::read_data_source::{Request, Response};

/// Reads a data source.
pub(in crate::server) async fn read_data_source(
    provider: &Registered,
    request: &Request,
) -> Response {
    read(provider, request).await.unwrap_or_else(|error| Response {
        diagnostics: convert::diagnostics(error),
        ..Response::default()
    })
}

async fn read(provider: &Registered, request: &Request) -> Result<Response, Diagnostic> {
    let name = &request.type_name;
    let ty = data_source_type(provider, name)?;
    let config = convert::decode(request.config.as_ref(), ty, "configuration")?;
    let (state, diagnostics) = provider.read_data_source(name, config).await;
    Ok(Response {
        state: Some(convert::encode(&state, ty, "data")?),
        diagnostics: convert::diagnostics(diagnostics),
        ..Response::default()
    })
}
