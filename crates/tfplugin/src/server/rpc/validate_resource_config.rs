//! `ValidateResourceConfig`.

use super::{capabilities, resource_type};
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::validate_resource_config::{Request, Response};

/// Checks a resource block.
pub(in crate::server) fn validate_resource_config(
    provider: &Registered,
    request: &Request,
) -> Response {
    let name = &request.type_name;
    let diagnostics = resource_type(provider, name)
        .and_then(|ty| convert::decode(request.config.as_ref(), ty, "configuration"))
        .map_or_else(Into::into, |config| {
            provider.validate_resource(name, config, capabilities(request.client_capabilities))
        });
    Response { diagnostics: convert::diagnostics(diagnostics) }
}
