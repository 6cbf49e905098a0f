//! `ValidateDataResourceConfig`.

use super::data_source_type;
use crate::erased::Registered;
use crate::server::convert;
use crate::server::generated::tfplugin6::validate_data_resource_config::{Request, Response};

/// Checks a data block.
pub(in crate::server) fn validate_data_resource_config(
    provider: &Registered,
    request: &Request,
) -> Response {
    let name = &request.type_name;
    let diagnostics = data_source_type(provider, name)
        .and_then(|ty| convert::decode(request.config.as_ref(), ty, "configuration"))
        .map_or_else(Into::into, |config| provider.validate_data_source(name, config));
    Response { diagnostics: convert::diagnostics(diagnostics) }
}
