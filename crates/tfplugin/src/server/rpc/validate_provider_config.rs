//! `ValidateProviderConfig`.

use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::validate_provider_config::{Request, Response};

/// Checks the provider block.
pub(in crate::server) fn validate_provider_config(
    provider: &Registered,
    request: &Request,
) -> Response {
    let (_, ty) = provider.provider_schema();
    let diagnostics = convert::decode(request.config.as_ref(), ty, "provider configuration")
        .map_or_else(Into::into, |config| provider.validate_provider(config));
    Response { diagnostics: convert::diagnostics(diagnostics) }
}
