//! `ConfigureProvider`.

use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::configure_provider::{Request, Response};

/// Hands the provider its configuration.
pub(in crate::server) async fn configure_provider(
    provider: &Registered,
    request: &Request,
) -> Response {
    let (_, ty) = provider.provider_schema();
    let diagnostics = match convert::decode(request.config.as_ref(), ty, "provider configuration") {
        Ok(config) => provider.configure(config).await,
        Err(error) => error.into(),
    };
    Response { diagnostics: convert::diagnostics(diagnostics) }
}
